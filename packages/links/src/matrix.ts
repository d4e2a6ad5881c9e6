import { CloudError, type NodeId } from '@welkin/interface'
import { GIGABIT, type LinkQuality, type LinksBetween } from './quality.ts'

/** Measured round-trip times between places. */
export interface Matrix {
  /** What the places are called, where the text says it. */
  names: readonly string[] | undefined
  /** Milliseconds, from row to column; 0 on the diagonal. */
  rttMs: readonly number[][]
  /** Whether that was measured, and not filled in. */
  isMeasured: (row: number, column: number) => boolean
}

/** Of measured links the bandwidth is seldom known, nor how they vary. */
const JITTER_RATIO = 0.02

const MISSING = new Set(['', '-', 'na', 'n/a', 'nan', 'null'])

/**
 * Reads a square of round-trip times in milliseconds. Cells stand apart by tabs, semicolons, commas or spaces; a first
 * line of names, names at the beginning of each line, both or neither; empty lines, and those that begin with `#`, do
 * not count. A cell that is empty, negative, `-`, `NA`, `NaN` or `null` is missing: it gets the value of the way back,
 * or where that is missing too, the median of all that are there. The diagonal is taken for 0. Throws EINVAL with the
 * line.
 */
export function parseMatrix (text: string): Matrix {
  const lines = text.split('\n').map((line, at) => ({ number: at + 1, line: line.trimEnd() }))
    .filter(({ line }) => line.trim() !== '' && !line.startsWith('#'))
  const [first, last] = [lines[0], lines.at(-1)]
  if (first === undefined || last === undefined) throw unreadable('it is empty')
  const separator = ['\t', ';', ','].find(candidate => last.line.includes(candidate))
  const split = (line: string): string[] => separator === undefined ? line.trim().split(/\s+/) : line.split(separator)
  const rows = lines.map(({ number, line }) => ({ number, cells: split(line).map(unquoted) }))
  const hasHeader = rows[0]?.cells.slice(1).some(isName) === true
  const hasRowNames = isName(rows.at(-1)?.cells[0] ?? '')
  const body = rows.slice(hasHeader ? 1 : 0)
  const measured = body.map(({ number, cells }) => {
    const values = cells.slice(hasRowNames ? 1 : 0)
    if (values.length === body.length) return values.map(cell => toRtt(cell, number))
    throw unreadable(`line ${number} has ${values.length} values and there are ${body.length} rows`)
  })
  const names = hasRowNames ? body.map(({ cells }) => cells[0] as string) : hasHeader ? rows[0]?.cells : undefined
  return { names, rttMs: filled(measured), isMeasured: (row, column) => measured[row]?.[column] !== undefined }
}

export interface MatrixLinks {
  /** The row of a node; undefined: it has none. */
  indexOf: (node: NodeId) => number | undefined
  /** The links of nodes that have no row, or the same. */
  others: LinksBetween
}

/** Links of which half the measured round trip is the latency of either way. */
export function linksFromMatrix (rttMs: readonly number[][], { indexOf, others }: MatrixLinks): LinksBetween {
  return (from, to) => {
    const [row, column] = [indexOf(from), indexOf(to)]
    const areApart = row !== undefined && column !== undefined && row !== column
    const measuredMs = areApart ? rttMs[row]?.[column] : undefined
    return measuredMs === undefined ? others(from, to) : linkOf(measuredMs / 2)
  }
}

function linkOf (latencyMs: number): LinkQuality {
  return { latencyMs, jitterMs: latencyMs * JITTER_RATIO, bytesPerSecond: GIGABIT, lossRatio: 0 }
}

function filled (measured: ReadonlyArray<ReadonlyArray<number | undefined>>): number[][] {
  const known = measured.flatMap((row, from) => row.filter((value, to) => value !== undefined && from !== to))
  const median = known.toSorted((a = 0, b = 0) => a - b)[Math.floor(known.length / 2)] ?? 0
  return measured.map((row, from) => row.map((value, to) =>
    from === to ? 0 : value ?? measured[to]?.[from] ?? median))
}

/** Undefined: it is missing. */
function toRtt (cell: string, line: number): number | undefined {
  if (MISSING.has(cell.toLowerCase())) return undefined
  const value = Number(cell)
  if (!Number.isFinite(value)) throw unreadable(`"${cell}" in line ${line} is no number of milliseconds`)
  return value < 0 ? undefined : value
}

function isName (cell: string): boolean {
  return !MISSING.has(cell.toLowerCase()) && !Number.isFinite(Number(cell))
}

function unquoted (cell: string): string {
  return cell.trim().replace(/^"(.*)"$/, '$1')
}

function unreadable (why: string): CloudError {
  return new CloudError('EINVAL', `This is no matrix of round-trip times: ${why}; give one line a place.`)
}

import { formatSeconds } from '../print/durations.ts'
import { formatSize } from '../print/sizes.ts'
import { formatTable, numberColumns, type Column } from '../print/table.ts'
import { formatCount, formatNumber, onOneLine } from '../print/words.ts'
import type { NodeShare } from './job.ts'

const LISTED_MAX = 10
const COLUMNS: Column[] = ['NODE', ...numberColumns('OBJECTS', 'FILES', 'BYTES', 'SECONDS')]

/** What came of the job: by node, in all, and beside one process alone. */
export interface Report {
  folder: string
  nodes: NodeShare[]
  objects: number
  files: number
  bytes: number
  /** From the first byte sent to the last hash received. */
  seconds: number
  oneProcessSeconds: number
  agreed: boolean
  /** Files of which the two hashes are not the same. */
  differing: string[]
  /** Files that could not be read as they were listed. */
  omitted: Array<{ path: string, reason: string }>
}

/** The report for people: a table, what was left out, whether the hashes agree, and how the times compare. */
export function formatReport (report: Report): string {
  const parts = [formatShares(report), formatOmitted(report), formatVerdict(report), formatTimes(report)]
  return parts.filter(part => part !== '').join('\n')
}

function formatShares ({ bytes, files, nodes, objects, oneProcessSeconds, seconds }: Report): string {
  const all = row({ node: 'all', objects, files, bytes, seconds })
  const alone = row({ node: 'one process alone', objects: 0, files, bytes, seconds: oneProcessSeconds })
  return formatTable(COLUMNS, [...nodes.map(row), all, alone])
}

function formatOmitted ({ omitted }: Report): string {
  if (omitted.length === 0) return ''
  const lines = omitted.map(({ path, reason }) => `${path}: ${reason}`)
  return `Left out:\n${listed(lines)}`
}

function formatVerdict ({ differing, files }: Report): string {
  if (files === 0) return 'There was nothing to hash.\n'
  if (differing.length > 0) return `${formatCount(differing.length, 'hash', 'hashes')} differ:\n${listed(differing)}`
  return `All hashes agree: ${formatCount(files, 'file')}, each hashed in the cloud and by one process alone.\n`
}

function formatTimes ({ files, oneProcessSeconds, seconds }: Report): string {
  if (files === 0) return ''
  if (seconds < oneProcessSeconds) return `The cloud was ${formatRatio(oneProcessSeconds / seconds)} times as fast.\n`
  return `On one machine, one process wins: it was ${formatRatio(seconds / oneProcessSeconds)} times as fast.\n`
}

function formatRatio (ratio: number): string {
  return ratio.toFixed(ratio < 10 ? 1 : 0)
}

function row ({ node, objects, files, bytes, seconds }: NodeShare): string[] {
  return [node, formatNumber(objects), formatNumber(files), formatSize(bytes), formatSeconds(seconds * 1000)]
}

function listed (lines: readonly string[]): string {
  const shown = lines.slice(0, LISTED_MAX).map(line => `  ${onOneLine(line)}\n`).join('')
  return lines.length > LISTED_MAX ? `${shown}  and ${formatNumber(lines.length - LISTED_MAX)} more\n` : shown
}

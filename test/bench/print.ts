import type { Figures, Outcome, Target } from './bench.ts'

const GAP = '   '

/** What `npm run bench -- NAME` prints: a table for people, and in the last line one JSON object for programs. */
export function printOutcome (name: string, { figures, lines, notes, rivals, targets }: Outcome): void {
  const parts = [
    tableOf(lines),
    notes.map(note => `${note}\n`).join(''),
    targets.map(target => `${tellTarget(target)}\n`).join('')
  ]
  const text = parts.filter(part => part !== '').join('\n')
  process.stdout.write(`${text}\n${JSON.stringify({ bench: name, figures, rivals })}\n`)
}

/** Rows of text in columns: the first to the left, the others to the right. */
function columns (rows: ReadonlyArray<readonly string[]>): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map(row => row[at]?.length ?? 0)))
  const lineOf = (row: readonly string[]): string => row.map((text, at) => {
    return at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0)
  }).join(GAP)
  return rows.map(row => `${lineOf(row).trimEnd()}\n`).join('')
}

function tableOf (lines: Readonly<Record<string, Figures | null>>): string {
  const heads = [...new Set(Object.values(lines).flatMap(figures => Object.keys(figures ?? {})))]
  const rows = Object.entries(lines).map(([subject, figures]) => {
    if (figures === null) return [subject, 'not installed']
    return [subject, ...heads.map(head => format(figures[head]))]
  })
  return columns([['', ...heads], ...rows])
}

function tellTarget ({ what, value, atLeast, atMost }: Target): string {
  const reached = (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost)
  const bound = atLeast === undefined ? `at most ${format(atMost)}` : `at least ${format(atLeast)}`
  return `${reached ? 'reached' : 'MISSED '}  ${what}: ${format(value)}, to be ${bound}`
}

/** Three digits say enough: no run repeats the fourth. */
function format (value: number | undefined): string {
  if (value === undefined) return ''
  return value.toLocaleString('en', value >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 })
}

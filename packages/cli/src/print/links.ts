import type { LinkQuality, LinkRule, LinkTable } from '@welkin/links'
import { paint } from './paint.ts'
import { formatSize } from './sizes.ts'
import { formatTable } from './table.ts'

/** One way between two nodes. */
export interface NamedLink extends LinkQuality {
  from: string
  to: string
}

/** The delays of all ways, row to column, in milliseconds; then the rules of the table. */
export function formatLinks ({ profile, rules }: LinkTable, links: readonly NamedLink[]): string {
  const names = [...new Set(links.map(({ from }) => from))]
  const cells = new Map(links.map(link => [`${link.from} ${link.to}`, link]))
  const matrix = formatTable(
    [`${profile}, ms`, ...names.map(title => ({ title, numbers: true as const }))],
    names.map(from => [from, ...names.map(to => formatDelay(cells.get(`${from} ${to}`)))]))
  if (rules.length === 0) return matrix
  const changes = rules.map(rule => [rule.from, rule.to, formatRule(rule)])
  return `${matrix}\n${formatTable(['FROM', 'TO', 'CHANGED'], changes)}`
}

/** What a rule changes: `delay 50 ms, loss 1 %, cut`. */
export function formatRule ({ latencyMs, jitterMs, lossRatio, bytesPerSecond, cut }: LinkRule): string {
  const parts = [
    latencyMs === undefined ? [] : `delay ${formatMs(latencyMs)} ms`,
    jitterMs === undefined ? [] : `jitter ${formatMs(jitterMs)} ms`,
    lossRatio === undefined ? [] : `loss ${formatMs(lossRatio * 100)} %`,
    bytesPerSecond === undefined ? [] : `bandwidth ${formatSize(bytesPerSecond)}/s`,
    cut === undefined ? [] : cut ? 'cut' : 'open'
  ]
  return parts.flat().join(', ')
}

function formatDelay (link: NamedLink | undefined): string {
  if (link === undefined) return '-'
  return link.cut === true ? paint('red', 'cut') : formatMs(link.latencyMs)
}

/** With one digit after the point where it says something. */
function formatMs (value: number): string {
  return String(Number(value.toFixed(1)))
}

import { formatSeconds } from '../print/durations.ts'
import { formatSize } from '../print/sizes.ts'
import { formatTable, type Column } from '../print/table.ts'
import { formatArgv, formatCount, formatNumber } from '../print/words.ts'
import type { NodeShare } from './job.ts'

const LISTED_MAX = 10
const COLUMNS: Column[] = ['NODE', ...['OBJECTS', 'FILES', 'BYTES', 'SECONDS'].map(title => ({ title, numbers: true as const }))]

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

export function formatReport (report: Report): string {
  const { bytes, differing, files, nodes, objects, omitted, oneProcessSeconds, seconds } = report
  const all = { node: 'all', objects, files, bytes, seconds }
  const alone = ['one process alone', '', formatNumber(files), formatSize(bytes), formatSeconds(oneProcessSeconds * 1000)]
  const verdict = differing.length === 0
    ? `All hashes agree: ${formatCount(files, 'file')}, each hashed by an object in the cloud and by one process alone.`
    : `${formatCount(differing.length, 'hash').replace('hashs', 'hashes')} differ:\n${listed(differing)}`
  return [
    formatTable(COLUMNS, [...[...nodes, all].map(row), alone]),
    ...(omitted.length === 0 ? [] : [`Left out, ${formatCount(omitted.length, 'file')}:\n${listed(omitted.map(({ path, reason }) => `${path}: ${reason}`))}\n`]),
    verdict + '\n',
    ...(seconds === 0 ? [] : [`One process alone took ${(oneProcessSeconds / seconds).toFixed(2)} times as long as the cloud, whose nodes share this one machine and were sent every byte first.\n`])
  ].join('\n')
}

function row ({ node, objects, files, bytes, seconds }: NodeShare): string[] {
  return [node, formatNumber(objects), formatNumber(files), formatSize(bytes), formatSeconds(seconds * 1000)]
}

function listed (lines: readonly string[]): string {
  const shown = lines.slice(0, LISTED_MAX).map(line => `  ${formatArgv([line])}`)
  return [...shown, ...(lines.length > LISTED_MAX ? [`  and ${formatNumber(lines.length - LISTED_MAX)} more`] : [])].join('\n')
}

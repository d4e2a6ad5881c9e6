import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { RunRecord } from '../record.ts'
import { renderReport } from '../report/index.ts'
import type { Given } from './arguments.ts'
import { playOne } from './play-one.ts'

const BROKEN_SHOWN = 20

/** Plays one run, and tells what held; whether all did. */
export async function runOne (given: Given): Promise<boolean> {
  const { json, report: page, trace: file } = given
  const trace = file === undefined ? undefined : createWriteStream(file)
  const startMs = performance.now()
  const record = await playOne(given, trace === undefined ? {} : { onTrace: line => trace.write(lineOf(line)) })
  const seconds = (performance.now() - startMs) / 1000
  if (trace !== undefined) {
    trace.end()
    await once(trace, 'finish')
  }
  if (page !== undefined) await writeFile(page, renderReport(record))
  const { report, command } = record
  process.stdout.write(json
    ? `${JSON.stringify({ ...report, command, realSeconds: seconds })}\n`
    : tell(record, { seconds, page }))
  return report.broken.length === 0
}

/** A line of the trace as JSON: when, and what. */
function lineOf (line: string): string {
  const end = line.indexOf(' ')
  return `${JSON.stringify({ atMs: Number(line.slice(0, end)), what: line.slice(end + 1) })}\n`
}

function tell (
  { report, command }: RunRecord, { seconds, page }: { seconds: number, page: string | undefined }
): string {
  const { scenario, seed, nodes, broken, figures, interrupted } = report
  const { virtualSeconds, events, messages, traceHash, storyLinesLeftOut } = report
  const verdict = broken.length === 0 ? 'all held' : `${broken.length} things did not hold`
  return [
    `${scenario}, ${nodes} nodes, seed ${seed}: ${verdict}${interrupted ? ', until it was interrupted' : ''}`,
    ...broken.slice(0, BROKEN_SHOWN).map(what => `  ${what}`),
    ...broken.length > BROKEN_SHOWN ? [`  and ${broken.length - BROKEN_SHOWN} more`] : [],
    ...Object.entries(figures).map(([name, value]) => `  ${name.padEnd(18)} ${Number(value.toFixed(3))}`),
    `  ${virtualSeconds.toFixed(1)} virtual seconds in ${seconds.toFixed(1)} s ` +
      `(${(virtualSeconds / seconds).toFixed(1)} a second), ${events} events, ${messages} messages`,
    `  trace ${traceHash}`,
    ...storyLinesLeftOut === 0 ? [] : [`  its story is too long: ${storyLinesLeftOut} lines are left out`],
    ...page === undefined ? [] : [`  report ${page}`],
    ...broken.length === 0 ? [] : [`  again: ${command}`],
    ''
  ].join('\n')
}

import type { RealReport } from '../real/run-real.ts'
import { commandOf, type Given } from './arguments.ts'
import { playReal } from './play-real.ts'

/** Plays one run on real daemons, and tells what held; whether all did. */
export async function real (given: Given): Promise<boolean> {
  const report = await playReal(given)
  const command = commandOf(given, 'real', given.seed, given.faults)
  const { story: _story, ...plain } = report
  process.stdout.write(given.json ? `${JSON.stringify({ ...plain, command })}\n` : tell(report, command))
  return report.broken.length === 0
}

function tell (report: RealReport, command: string): string {
  const { scenario, seed, nodes, broken, figures, leftOut, interrupted, seconds } = report
  const verdict = broken.length === 0 ? 'all held' : `${broken.length} things did not hold`
  return [
    `${scenario}, ${nodes} real daemons, seed ${seed}: ${verdict}${interrupted ? ', until it was interrupted' : ''}`,
    ...broken.map(what => `  ${what}`),
    ...leftOut.map(what => `  left out: ${what}`),
    ...Object.entries(figures).map(([name, value]) => `  ${name.padEnd(18)} ${Number(value.toFixed(3))}`),
    `  ${seconds.toFixed(1)} s`,
    ...broken.length === 0 ? [] : [`  again: ${command}`],
    ''
  ].join('\n')
}

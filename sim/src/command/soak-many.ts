import { soak, type SoakOutcome, type SoakRun } from './soak.ts'
import type { Given } from './arguments.ts'
import { showProgress } from './progress.ts'

/** Plays many seeds; tells those that broke, each with the line that plays it again. Whether all held. */
export async function soakMany (given: Given): Promise<boolean> {
  const { sources, seeds, jobs, minutes, json, signal } = given
  const runs = runsOf(given)
  const outcomes: SoakOutcome[] = []
  const broken = (): SoakOutcome[] => outcomes.filter(outcome => outcome.broken !== undefined)
  const total = seeds * sources.length
  const deadline = Number.isFinite(minutes) ? [AbortSignal.timeout(minutes * 60_000)] : []
  const hide = showProgress(() => `${outcomes.length} of ${total} runs, ${broken().length} broken`)
  await soak(runs, {
    jobs,
    signal: AbortSignal.any([signal, ...deadline]),
    onOutcome: outcome => {
      outcomes.push(outcome)
      if (outcome.broken !== undefined && !json) process.stderr.write(`${tell(outcome)}\n`)
    }
  })
  hide()
  const lines = broken().map(tell)
  const verdict = lines.length === 0 ? 'all held' : `${lines.length} broke`
  const seconds = outcomes.reduce((sum, { realMs }) => sum + realMs, 0) / 1000
  const worked = `${seconds.toFixed(0)} s of work`
  process.stdout.write(json
    ? `${JSON.stringify({ runs: outcomes.length, of: total, broken: broken() })}\n`
    : [`${outcomes.length} of ${total} runs of ${sources.join(', ')}: ${verdict}`, ...lines, worked, ''].join('\n'))
  return lines.length === 0
}

/** Seed by seed, so that what was done when it ends early is spread over all scenarios. */
function * runsOf ({ sources, seeds, nodes }: Given): Generator<SoakRun> {
  for (let seed = 1; seed <= seeds; seed++) {
    for (const scenario of sources) yield { scenario, seed: `${seed}`, nodes }
  }
}

function tell ({ scenario, seed, nodes, broken }: SoakOutcome): string {
  const size = nodes === undefined ? '' : ` --nodes ${nodes}`
  return `  welkin-sim run ${scenario} --seed ${seed}${size}\n    ${broken}`
}

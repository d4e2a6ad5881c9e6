import { planOf } from '../run.ts'
import type { ScenarioDescription } from '../scenario/schema.ts'
import { shrink } from '../shrink.ts'
import { tellFault, type PlannedFault } from '../faults/plan.ts'
import { commandOf, UsageError, type Given } from './arguments.ts'
import { playOne } from './play-one.ts'

/** Plays a run that breaks with ever fewer of its faults; tells the fewest that still break it. */
export async function shrinkOne (given: Given): Promise<boolean> {
  const { seed, json, signal } = given
  const plan = planOf(given.scenarios[0] as ScenarioDescription, given)
  const fails = async (faults: readonly number[]): Promise<boolean> => {
    if (signal.aborted) return false // so that what is known by then is told
    const { report: { broken } } = await playOne(given, { faults })
    if (!json) process.stderr.write(`${faults.length} faults: ${broken[0] ?? 'all held'}\n`)
    return broken.length > 0
  }
  const all = plan.map(({ number }) => number)
  if (!await fails(all)) throw new UsageError(`With seed ${seed} all holds; there is nothing to shrink.`)
  const fewest = await shrink(all, fails)
  const command = commandOf(given, 'run', seed, fewest)
  const left = plan.filter(({ number }) => fewest.includes(number))
  process.stdout.write(json
    ? `${JSON.stringify({ command, faults: left })}\n`
    : [`${left.length} of ${plan.length} faults break it:`, ...left.map(tell), `again: ${command}`, ''].join('\n'))
  return false
}

function tell (fault: PlannedFault): string {
  return `  ${`${(fault.atMs / 1000).toFixed(1)} s`.padStart(8)} ${tellFault(fault)}`
}

import { CloudError } from '@welkin/interface'
import type { RunRecord } from '../record.ts'
import { runScenario, type RunOptions } from '../run.ts'
import type { ScenarioDescription } from '../scenario/schema.ts'
import type { VirtualCloud } from '../virtual-cloud.ts'
import { commandOf, type Given } from './arguments.ts'
import { showProgress, tellRun } from './progress.ts'

/** The one scenario that a command is given. Throws EINVAL where it is pending. */
export function playable ({ scenarios }: Given): ScenarioDescription {
  const scenario = scenarios[0] as ScenarioDescription
  if (scenario.pending === undefined) return scenario
  throw new CloudError('EINVAL', `${scenario.name} cannot be played yet: it ${scenario.pending}.`)
}

/** Plays the one scenario that a command is given, and shows how far it is. Rejects EINVAL where it is pending. */
export async function playOne (given: Given, more: Partial<RunOptions> = {}): Promise<RunRecord> {
  const scenario = playable(given)
  let cloud: VirtualCloud | undefined
  const hide = showProgress(() => `${scenario.name}: ${tellRun(cloud)}`)
  const { seed, nodes, links, untilMs, faults, signal } = given
  try {
    return await runScenario(scenario, {
      seed, nodes, links, untilMs, faults, signal,
      onBegin: begun => { cloud = begun },
      command: commandOf(given, 'run', seed, faults),
      ...more
    })
  } finally {
    hide()
  }
}

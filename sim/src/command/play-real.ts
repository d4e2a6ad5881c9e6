import type { Cloud } from '../cloud.ts'
import type { StoryLine } from '../record.ts'
import { fitToMachine, runReal, type RealReport } from '../real/run-real.ts'
import type { ScenarioDescription } from '../scenario/schema.ts'
import { tellSpan } from '../scenario/units.ts'
import type { Given } from './arguments.ts'
import { playable } from './play-one.ts'
import { noteUnseen, showProgress } from './progress.ts'

/** The one scenario that a command is given, as this machine can play it. Throws EINVAL where it is pending. */
export function playableHere (given: Given): ScenarioDescription {
  return fitToMachine(playable(given), given.nodes)
}

/** Plays the one scenario that a command is given on real daemons, and shows how far it is. */
export async function playReal (given: Given): Promise<RealReport> {
  const scenario = playableHere(given)
  const { seed, nodes, links, untilMs, faults, signal } = given
  let cloud: Cloud | undefined
  let phase = ''
  const hide = showProgress(() => `${scenario.name}, real: ${cloud === undefined ? 'begins' : tell(cloud, phase)}`)
  try {
    return await runReal(scenario, {
      seed, nodes, links, untilMs, faults, signal,
      onBegin: begun => { cloud = begun },
      onStory: ({ kind, text }: StoryLine) => {
        if (kind !== 'phase') return
        phase = text
        noteUnseen(`${scenario.name}, real: ${text}`)
      }
    })
  } finally {
    hide()
  }
}

function tell (cloud: Cloud, phase: string): string {
  return `${tellSpan(cloud.nowMs)}, ${cloud.running().length} of ${cloud.places.length} daemons up: ${phase}`
}

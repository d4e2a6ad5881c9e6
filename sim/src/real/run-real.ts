import { availableParallelism } from 'node:os'
import { linksOf } from '@welkin/links'
import { tellFault } from '../faults/plan.ts'
import { FAULT_KINDS } from '../faults/index.ts'
import { play, type Outcome } from '../play.ts'
import type { StoryLine } from '../record.ts'
import { layoutOf, linkTableOf, prepareRun, type RunChoices, type ScenarioReport } from '../run.ts'
import type { ScenarioDescription } from '../scenario/schema.ts'
import { Story } from '../story.ts'
import { inRealCloud, type RealCloud } from './real-cloud.ts'

/** A daemon takes a core for so long to start, as all do that are on it. */
const START_CORE_MS = 1500
/** A process has no less. */
const MEMORY_BYTES_MIN = 16 * 2 ** 20

type Shared = 'scenario' | 'seed' | 'nodes' | 'broken' | 'figures' | 'objects' | 'faults' | 'planned' | 'interrupted'

export interface RealReport extends Pick<ScenarioReport, Shared> {
  /** What of the scenario did not take place, since real machines cannot be told to. */
  leftOut: readonly string[]
  story: readonly StoryLine[]
  seconds: number
}

export interface RealOptions extends RunChoices {
  /** Ends it early, with a report of what was done so far. */
  signal?: AbortSignal | undefined
  /** Is given the cloud before it begins, to see how far it is. */
  onBegin?: (cloud: RealCloud) => void
  onStory?: (line: StoryLine) => void
}

type Profile = 'local' | 'datacenter' | 'wan'

/**
 * The scenario as it can be on this machine, for both worlds: daemons start no faster than its cores let them, and
 * tasks promise what a process takes.
 */
export function fitToMachine (scenario: ScenarioDescription, nodes: number | undefined): ScenarioDescription {
  const { workload, join } = scenario
  const { tasks } = workload
  const count = layoutOf(scenario, { nodes }).places.length
  return {
    ...scenario,
    join: Math.max(join, count * START_CORE_MS / availableParallelism()),
    workload: { ...workload, tasks: { ...tasks, memory: Math.max(tasks.memory, MEMORY_BYTES_MIN) } }
  }
}

/**
 * Plays a scenario on real daemons of this machine: with the faults, the times and the tasks that a simulated run of
 * the same seed has. Nothing is left of it. Rejects EINVAL, EEXIST.
 */
export async function runReal (given: ScenarioDescription, options: RealOptions): Promise<RealReport> {
  const { scenario, layout, whole, plan } = prepareRun(given, options)
  const { seed, signal, onBegin, onStory } = options
  const played = plan.filter(({ name }) => FAULT_KINDS[name].isInside !== true)
  const table = linkTableOf(scenario, layout)
  const outcome: Outcome = { figures: {}, objects: {} }
  const broken: string[] = []
  const startMs = performance.now()
  const seconds = (): number => (performance.now() - startMs) / 1000
  const story = new Story(() => 1000 * seconds(), onStory === undefined ? {} : { onLine: onStory })
  const tellBroken = (what: string): void => {
    broken.push(`${seconds().toFixed(3)} s: ${what}`)
    story.tell('broken', [], what)
  }
  const isWhole = await inRealCloud({
    seed,
    places: layout.places,
    table,
    profile: (scenario.node['profile'] as Profile | undefined) ?? 'datacenter',
    onLife: (what, name) => story.tell('life', [name], what),
    onEvent: (node, type, fields) => story.tellEvent(node, type, fields),
    broken: tellBroken
  }, async cloud => {
    onBegin?.(cloud)
    const placeOf = new Map(layout.places.map(place => [place.name, place]))
    const links = linksOf(table, name => placeOf.get(name))
    const playing = play({
      cloud, layout, links, scenario, plan: played, story, watch: () => [], broken: tellBroken, outcome
    })
    return await Promise.race([playing.then(() => true), untilAborted(signal)])
  })
  return {
    scenario: scenario.name, seed, nodes: layout.places.length, broken, ...outcome,
    faults: played.map(({ number }) => number), planned: whole.length,
    leftOut: leftOutOf(scenario, plan.filter(fault => !played.includes(fault)).map(tellFault)),
    story: story.lines, seconds: seconds(), interrupted: !isWhole
  }
}

async function untilAborted (signal: AbortSignal | undefined): Promise<false> {
  if (signal?.aborted === true) return false
  return await new Promise(resolve => {
    signal?.addEventListener('abort', () => resolve(false), { once: true })
  })
}

function leftOutOf ({ node, topology }: ScenarioDescription, faults: readonly string[]): string[] {
  const options = Object.keys(node).filter(name => name !== 'profile')
  return [
    ...faults.map(fault => `fault ${fault}`),
    ...options.map(name => `the node's options for ${name}`),
    ...Object.keys(topology.machine).map(name => `the machines' ${name}: it is this machine's`)
  ]
}

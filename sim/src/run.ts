import type { Coordinate, Random } from '@welkin/interface'
import { linksOf, type LinkTable } from '@welkin/links'
import { createVirtualRandom } from '@welkin/platform-virtual'
import { checkCapabilities } from './checkers/capabilities.ts'
import { planFaults, type PlannedFault } from './faults/plan.ts'
import { play } from './play.ts'
import { Recorder } from './recorder.ts'
import type { RunRecord } from './record.ts'
import type { ScenarioDescription } from './scenario/schema.ts'
import { layOut, type Layout } from './topology/layout.ts'
import { VirtualCloud } from './virtual-cloud.ts'

export interface ScenarioReport {
  scenario: string
  seed: string
  nodes: number
  /** What did not hold; empty: all held. */
  broken: readonly string[]
  figures: Readonly<Record<string, number>>
  /** The numbers of the faults that were played, of those planned. */
  faults: readonly number[]
  planned: number
  virtualSeconds: number
  events: number
  messages: number
  bytes: number
  traceLines: number
  traceHash: string
  /** It was ended before its time. */
  interrupted: boolean
}

export interface RunOptions {
  seed: string
  /** Default: as many as the scenario, or the table of links, has. */
  nodes?: number | undefined
  /** In place of the scenario's. */
  links?: LinkTable | undefined
  /** In place of the scenario's, milliseconds. */
  untilMs?: number | undefined
  /** The numbers of the faults that happen. Default: all of the plan. */
  faults?: readonly number[] | undefined
  /** Ends it early, with a report of what was done so far. */
  signal?: AbortSignal | undefined
  /** Is given the cloud before it begins, to see how far it is. */
  onBegin?: (cloud: VirtualCloud) => void
  /** Is given each line of the trace. */
  onTrace?: (line: string) => void
  /** To play it again. */
  command?: string
}

/** So much that broke is told of one run. */
const BROKEN_MAX = 100
/** Enough for a plot, whatever a run's length. */
const SAMPLES = 300

/** Plays a scenario; its record is the same for the same seed and options, whatever the machine. Rejects EINVAL. */
export async function runScenario (given: ScenarioDescription, options: RunOptions): Promise<RunRecord> {
  const scenario = withOptions(given, options)
  const { seed, faults: kept, signal, onBegin, onTrace, command = '' } = options
  const layout = layoutOf(scenario, options)
  const recorder: Recorder = new Recorder(() => cloud)
  const links = linksOf(scenario.topology.links, name => cloud.placeOf(name))
  const cloud: VirtualCloud = new VirtualCloud({
    seed,
    places: layout.places,
    links,
    machine: layout.machine,
    guarded: scenario.guarded,
    nodeOptions: scenario.node,
    log: entry => { recorder.hear(entry) },
    onMark: line => { onTrace?.(line) },
    onLife: (what, name) => { recorder.tell('life', [name], what) },
    onNode: node => { checkCapabilities(cloud, node, what => told(what)) }
  })
  const whole = planFaults(scenario, layout, planRandom(seed))
  const plan = kept === undefined ? whole : whole.filter(({ number }) => kept.includes(number))
  const broken: string[] = []
  const told = (what: string): void => {
    if (broken.length >= BROKEN_MAX) return
    broken.push(`${(cloud.timeline.nowMs / 1000).toFixed(3)} s: ${what}`)
    recorder.tell('broken', [], what)
    cloud.mark('broken', what)
  }
  onBegin?.(cloud)
  const samplePeriodMs = Math.max(1000, scenario.until / SAMPLES)
  const playing = play({ cloud, layout, links, scenario, plan, recorder, samplePeriodMs, broken: told })
  const aborted = new Promise<undefined>(resolve => {
    signal?.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const figures = await cloud.timeline.until(Promise.race([playing, aborted]))
  const report = reportOf(cloud, { scenario, seed, broken, plan, planned: whole.length, figures })
  return {
    report, about: scenario.about, command, places: layout.places, positions: positionsOf(cloud),
    samplePeriodMs, samples: recorder.samples, story: recorder.story
  }
}

/** All faults that a run would have. */
export function planOf (given: ScenarioDescription, options: RunOptions): PlannedFault[] {
  const scenario = withOptions(given, options)
  const layout = layoutOf(scenario, options)
  return planFaults(scenario, layout, planRandom(options.seed))
}

function planRandom (seed: string): Random {
  return createVirtualRandom(seed).fork('plan')
}

function withOptions (scenario: ScenarioDescription, { links, untilMs }: RunOptions): ScenarioDescription {
  const { topology } = scenario
  return {
    ...scenario, topology: { ...topology, links: links ?? topology.links }, until: untilMs ?? scenario.until
  }
}

/** Where the table of links has the nodes of a cloud, there they stand. */
export function layoutOf ({ topology }: ScenarioDescription, { nodes, links }: Omit<RunOptions, 'seed'>): Layout {
  const told = Object.values(links?.places ?? {})
  const layout = layOut(topology, nodes)
  return told.length === 0 ? layout : { ...layout, places: told.slice(0, nodes) }
}

function reportOf (cloud: VirtualCloud, { scenario, seed, broken, plan, planned, figures }: {
  scenario: ScenarioDescription, seed: string, broken: readonly string[], plan: readonly PlannedFault[],
  planned: number, figures: Record<string, number> | undefined
}): ScenarioReport {
  return {
    scenario: scenario.name, seed, nodes: cloud.places.length, broken, figures: figures ?? {},
    faults: plan.map(({ number }) => number), planned,
    virtualSeconds: cloud.timeline.nowMs / 1000, events: cloud.timeline.eventCount,
    ...cloud.sent(), traceLines: cloud.trace.lines, traceHash: cloud.trace.hash(), interrupted: figures === undefined
  }
}

/** The two dimensions of latency space in which the nodes differ most. */
function positionsOf (cloud: VirtualCloud): Array<readonly [number, number] | undefined> {
  const coordinates = cloud.places.map(({ name }): Coordinate | undefined => {
    const coordinate = cloud.node(name)?.membership.node(name)?.coordinate
    return coordinate === undefined || coordinate.error >= 1 ? undefined : coordinate
  })
  const known = coordinates.flatMap(coordinate => coordinate === undefined ? [] : [coordinate.vector])
  const spreadOf = (axis: number): number => {
    const values = known.map(vector => vector[axis] as number)
    return values.length === 0 ? 0 : Math.max(...values) - Math.min(...values)
  }
  const [x = 0, y = 1] = (known[0] ?? []).map((_, axis) => axis).toSorted((a, b) => spreadOf(b) - spreadOf(a))
  return coordinates.map(coordinate =>
    coordinate === undefined ? undefined : [coordinate.vector[x] as number, coordinate.vector[y] as number])
}

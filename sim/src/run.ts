import { CloudError, type Coordinate, type Zone } from '@welkin/interface'
import { checkLinkTable, linksOf, placeMatrix, type LinkTable } from '@welkin/links'
import { createVirtualRandom } from '@welkin/platform-virtual'
import { checkCapabilities } from './checkers/capabilities.ts'
import { watchPromises } from './checkers/promises.ts'
import { watchSingleCopies } from './checkers/single-copy.ts'
import { watchStorms } from './checkers/storms.ts'
import { planFaults, type PlannedFault } from './faults/plan.ts'
import { play, type Outcome } from './play.ts'
import { Recorder } from './recorder.ts'
import type { RunRecord } from './record.ts'
import type { ScenarioDescription } from './scenario/schema.ts'
import type { Story } from './story.ts'
import { layOut, type Layout } from './topology/layout.ts'
import { VirtualCloud } from './virtual-cloud.ts'
import { NamesWork } from './workloads/names.ts'

export interface ScenarioReport {
  scenario: string
  seed: string
  nodes: number
  /** What did not hold; empty: all held. */
  broken: readonly string[]
  figures: Readonly<Record<string, number>>
  /** How many of the acknowledged objects went to each zone. */
  objects: Readonly<Record<Zone, number>>
  /** The numbers of the faults that were played, of those planned. */
  faults: readonly number[]
  planned: number
  virtualSeconds: number
  events: number
  messages: number
  bytes: number
  traceLines: number
  traceHash: string
  /** Lines of its story that came after this had become too long. */
  storyLinesLeftOut: number
  /** It was ended before its time. */
  interrupted: boolean
}

/** What one run of a scenario is, in whichever world. */
export interface RunChoices {
  seed: string
  /** Default: as many as the scenario, or the table of links, has. */
  nodes?: number | undefined
  /** In place of the scenario's. */
  links?: LinkTable | undefined
  /** In place of the scenario's, milliseconds. */
  untilMs?: number | undefined
  /** The numbers of the faults that happen. Default: all of the plan. */
  faults?: readonly number[] | undefined
}

export interface RunOptions extends RunChoices {
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
const WATCH_PERIOD_MS = 500

/** Plays a scenario; its record is the same for the same seed and options, whatever the machine. Rejects EINVAL. */
export async function runScenario (given: ScenarioDescription, options: RunOptions): Promise<RunRecord> {
  const { scenario, layout, whole, plan } = prepareRun(given, options)
  const { seed, signal, onBegin, onTrace, command = '' } = options
  const recorder: Recorder = new Recorder(() => cloud)
  const links = linksOf(linkTableOf(scenario, layout), name => cloud.placeOf(name))
  const cloud: VirtualCloud = new VirtualCloud({
    seed,
    places: layout.places,
    links,
    machine: layout.machine,
    guarded: scenario.guarded,
    nodeOptions: scenario.node,
    log: entry => { recorder.hear(entry) },
    onMark: line => { onTrace?.(line) },
    onLife: (what, name) => { recorder.story.tell('life', [name], what) },
    onNode: node => {
      checkCapabilities(cloud, node, what => told(what))
      if (scenario.workload.names !== undefined) NamesWork.keptBy(node.directory)
    }
  })
  const broken: string[] = []
  const told = (what: string): void => {
    if (broken.length >= BROKEN_MAX) return
    broken.push(`${(cloud.timeline.nowMs / 1000).toFixed(3)} s: ${what}`)
    recorder.story.tell('broken', [], what)
    cloud.mark('broken', what)
  }
  onBegin?.(cloud)
  const { names } = scenario.workload
  const samplePeriodMs = Math.max(1000, scenario.until / SAMPLES)
  const outcome: Outcome = { figures: {}, objects: {} }
  const playing = play({
    cloud, inside: cloud, layout, links, scenario, plan, story: recorder.story, broken: told, outcome,
    names: names === undefined ? undefined : new NamesWork(cloud, names, told),
    watch: switches => [
      recorder.start(samplePeriodMs, switches),
      watchSingleCopies(cloud, WATCH_PERIOD_MS, told), watchPromises(cloud, WATCH_PERIOD_MS, told),
      watchStorms(cloud, told)
    ]
  }).then(() => 'whole')
  const aborted = new Promise<undefined>(resolve => {
    signal?.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const interrupted = await cloud.timeline.until(Promise.race([playing, aborted])) === undefined
  const { story } = recorder
  const report = reportOf(cloud, { scenario, seed, broken, plan, planned: whole.length, outcome, interrupted, story })
  return {
    report, about: scenario.about, command, places: layout.places, positions: positionsOf(cloud),
    samplePeriodMs, samples: recorder.samples, story: story.lines
  }
}

/** All faults that a run would have. */
export function planOf (given: ScenarioDescription, options: RunChoices): PlannedFault[] {
  return prepareRun(given, options).whole
}

/** What is decided before a run begins, in whichever world. */
export interface PreparedRun {
  /** With the options over it. */
  scenario: ScenarioDescription
  layout: Layout
  /** All faults that there are. */
  whole: PlannedFault[]
  /** Those that are to happen. */
  plan: PlannedFault[]
}

export function prepareRun (given: ScenarioDescription, options: RunChoices): PreparedRun {
  const scenario = withOptions(given, options)
  const layout = layoutOf(scenario, options)
  const whole = planFaults(scenario, layout, createVirtualRandom(options.seed).fork('plan'))
  const plan = options.faults === undefined ? whole : keep(whole, options.faults)
  return { scenario, layout, whole, plan }
}

function withOptions (scenario: ScenarioDescription, { links, untilMs }: RunChoices): ScenarioDescription {
  const { topology } = scenario
  return {
    ...scenario, topology: { ...topology, links: links ?? topology.links }, until: untilMs ?? scenario.until
  }
}

/** The links of a scenario; those of a file with a matrix are for these very nodes. Throws EINVAL. */
export function linkTableOf (
  { topology: { links }, contents: { rttMs } }: ScenarioDescription, { places }: Layout
): LinkTable {
  const { matrixFile, ...table } = links
  if (matrixFile === undefined || rttMs === undefined) return table
  return checkLinkTable({ ...table, matrix: placeMatrix(rttMs, places) })
}

/** Where the table of links has the nodes of a cloud, there they stand. */
export function layoutOf ({ topology }: ScenarioDescription, { nodes, links }: Omit<RunChoices, 'seed'>): Layout {
  const told = Object.values(links?.places ?? {})
  const layout = layOut(topology, nodes)
  return told.length === 0 ? layout : { ...layout, places: told.slice(0, nodes) }
}

/** Those of a plan that have these numbers. Throws EINVAL for one that it does not have. */
function keep (whole: readonly PlannedFault[], numbers: readonly number[]): PlannedFault[] {
  const missing = numbers.filter(number => !whole.some(fault => fault.number === number))
  if (missing.length === 0) return whole.filter(({ number }) => numbers.includes(number))
  const has = whole.length === 0 ? 'no faults' : whole.length === 1 ? 'fault 1 alone' : `faults 1 to ${whole.length}`
  throw new CloudError('EINVAL', `There is no fault ${missing.join(', ')}; the plan of this run has ${has}.`)
}

function reportOf (cloud: VirtualCloud, { scenario, seed, broken, plan, planned, outcome, interrupted, story }: {
  scenario: ScenarioDescription, seed: string, broken: readonly string[], plan: readonly PlannedFault[],
  planned: number, outcome: Outcome, interrupted: boolean, story: Story
}): ScenarioReport {
  return {
    scenario: scenario.name, seed, nodes: cloud.places.length, broken, ...outcome,
    faults: plan.map(({ number }) => number), planned,
    virtualSeconds: cloud.timeline.nowMs / 1000, events: cloud.timeline.eventCount,
    ...cloud.sent(), traceLines: cloud.trace.lines, traceHash: cloud.trace.hash(),
    storyLinesLeftOut: story.linesLeftOut, interrupted
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

import { setMaxListeners } from 'node:events'
import type { Node } from '@welkin/daemon'
import { drawInteger, drawOne, type NodeId, type NodePromises, type Random } from '@welkin/interface'
import { grid, seesTheTruth, VirtualCloud } from '@welkin/sim'
import { answerParent } from '../child.ts'

export interface StalenessQuestion {
  nodes: number
  /** Virtual seconds to look. */
  seconds: number
}

/** What a node has promised, from `sinceMs` on. */
interface Truth extends Pick<NodePromises, 'objects' | 'cpuPromised'> { sinceMs: number }

const RACKS = 5
const JOINED_WITHIN_MS = 600_000
const SETTLE_MS = 20_000
/** How often the truth is read, and how often it is looked at what some nodes believe of others. */
const TRUTH_PERIOD_MS = 20
const LOOK_PERIOD_MS = 200
const PAIRS = 50
/** Each node starts a task so often, in the mean, and each task lasts so long at the most. */
const PAUSE_MS = 4000
const TASK_SECONDS_MAX = 10

setMaxListeners(0) // one deadline may cut short any number of calls
answerParent(async ({ nodes, seconds }: StalenessQuestion): Promise<number[]> => {
  const cloud = new VirtualCloud({ seed: 1, places: grid({ sites: 1, racks: RACKS, nodes }) })
  const { timeline } = cloud
  await timeline.until(startAll(cloud))
  for (const { name } of cloud.places) void keepBusy(cloud, name, cloud.random.fork(`load ${name}`))
  const truths = new Map(cloud.places.map(({ name }): [NodeId, Truth[]] => [name, []]))
  const agesMs: number[] = []
  const random = cloud.random.fork('looks')
  let lookMs = timeline.nowMs + SETTLE_MS
  for (const endMs = lookMs + seconds * 1000; timeline.nowMs < endMs;) {
    await timeline.runUntil(timeline.nowMs + TRUTH_PERIOD_MS)
    for (const [name, known] of truths) readTruth(cloud, name, known)
    if (timeline.nowMs < lookMs) continue
    lookMs += LOOK_PERIOD_MS
    for (let pair = 0; pair < PAIRS; pair++) agesMs.push(lookAtAny(cloud, truths, random))
  }
  return agesMs
})

async function startAll (cloud: VirtualCloud): Promise<void> {
  const [first, ...others] = cloud.places.map(({ name }) => name) as [NodeId, ...NodeId[]]
  await cloud.start(first)
  await Promise.all(others.map(name => cloud.start(name, [first])))
  const joinedMs = await cloud.until(() => seesTheTruth(cloud), { timeoutMs: JOINED_WITHIN_MS })
  if (joinedMs === undefined) throw new Error('The nodes do not find one another.')
}

/** Starts a task now and then, each with other limits, so that hardly any two states of a node are alike. */
async function keepBusy (cloud: VirtualCloud, name: NodeId, random: Random): Promise<never> {
  for (;;) {
    await cloud.pass(2 * random.unit() * PAUSE_MS)
    const argv = ['sleep', String(1 + drawInteger(random, TASK_SECONDS_MAX))]
    const limits = { cpu: (1 + drawInteger(random, 50)) / 100 }
    await cloud.syscalls(name).spawn({ program: { driver: 'modelled', argv }, limits, on: name })
  }
}

function readTruth (cloud: VirtualCloud, name: NodeId, known: Truth[]): void {
  const { objects, cpuPromised } = (cloud.node(name) as Node).processes.promises()
  const last = known.at(-1)
  if (last?.objects === objects && last.cpuPromised === cpuPromised) return
  known.push({ objects, cpuPromised, sinceMs: cloud.timeline.nowMs })
}

/** For how many milliseconds what some node believes of some other has not been true any more. */
function lookAtAny (cloud: VirtualCloud, truths: ReadonlyMap<NodeId, readonly Truth[]>, random: Random): number {
  const [observer, subject] = [drawOne(random, cloud.places), drawOne(random, cloud.places)].map(place => place?.name)
  const load = cloud.node(observer as NodeId)?.membership.node(subject as NodeId)?.load
  const known = truths.get(subject as NodeId) ?? []
  const at = known.findLastIndex(({ objects, cpuPromised }) => {
    return objects === load?.objects && cpuPromised === load.cpuPromised
  })
  const next = known[at + 1]
  return next === undefined ? 0 : cloud.timeline.nowMs - next.sinceMs
}

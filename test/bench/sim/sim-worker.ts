import { setMaxListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { drawOne, isCloudError } from '@welkin/interface'
import { grid, VirtualCloud } from '@welkin/sim'
import { answerParent } from '../child.ts'
import { switchOn, untilSeen } from '../switch-on.ts'
import { bareMicroseconds } from './bare-timeline.ts'

export interface SimQuestion {
  nodes: number
  siteNodes: number
  /** Of the whole cloud's nodes each is given so many tasks a minute. */
  tasks: number
  /** Virtual seconds that are measured after the cloud has converged. */
  seconds: number
}

/** What a part of the run took; CPU is that of the process, its garbage collection among it. */
interface Cost { virtualSeconds: number, realSeconds: number, cpuSeconds: number, events: number, messages: number }

export interface SimAnswer {
  joining: Cost
  converging: Cost
  running: Cost
  /** Of the whole process, beyond what it had before the cloud, after collecting garbage. */
  memoryBytes: number
  /** CPU of an event on a timeline that has as many of them and nothing else. */
  bareMicroseconds: number
}

const RACKS = 4
const JOIN_WITHIN_MS = 10_000

setMaxListeners(0) // one deadline may cut short any number of calls
answerParent(async ({ nodes, siteNodes, tasks, seconds }: SimQuestion): Promise<SimAnswer> => {
  const bytesBefore = usedBytes()
  const cloud = new VirtualCloud({
    seed: 1, places: grid({ sites: Math.ceil(nodes / siteNodes), racks: RACKS, nodes })
  })
  const { timeline } = cloud
  const joining = await costOf(cloud, async () => { await timeline.until(switchOn(cloud, JOIN_WITHIN_MS)) })
  const converging = await costOf(cloud, async () => { await timeline.until(untilSeen(cloud)) })
  giveTasks(cloud, tasks)
  const running = await costOf(cloud, async () => { await timeline.runUntil(timeline.nowMs + seconds * 1000) })
  return {
    joining, converging, running,
    memoryBytes: usedBytes() - bytesBefore,
    bareMicroseconds: await bareMicroseconds(running.events, nodes)
  }
})

async function costOf (cloud: VirtualCloud, part: () => Promise<void>): Promise<Cost> {
  const { timeline } = cloud
  const before = { virtualMs: timeline.nowMs, events: timeline.eventCount, ...cloud.sent() }
  const startMs = performance.now()
  const cpuBefore = process.cpuUsage()
  await part()
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    virtualSeconds: (timeline.nowMs - before.virtualMs) / 1000,
    realSeconds: (performance.now() - startMs) / 1000,
    cpuSeconds: (user + system) / 1e6,
    events: timeline.eventCount - before.events,
    messages: cloud.sent().messages - before.messages
  }
}

/** Small tasks that arrive by chance at nodes that run, so many a minute and node. */
function giveTasks (cloud: VirtualCloud, perNodeAndMinute: number): void {
  const random = cloud.random.fork('tasks')
  const meanMs = 60_000 / (perNodeAndMinute * cloud.places.length)
  const arrive = (): void => {
    cloud.timeline.after(-Math.log(1 - random.unit()) * meanMs, () => {
      const from = drawOne(random, cloud.places)?.name as string
      cloud.syscalls(from).spawn({
        program: { driver: 'modelled', argv: ['run', '--seconds', '30', '--cpu', '0.05'] }, limits: { cpu: 0.05 }
      }).catch((error: unknown) => { if (!isCloudError(error)) throw error })
      arrive()
    })
  }
  arrive()
}

/** Of the heap and beside it, garbage not counted. */
function usedBytes (): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

import {
  drawInteger, drawOne, isCloudError, toHex, type CloudProcessId, type NodeId, type ObjectId, type Random
} from '@welkin/interface'
import type { VirtualCloud } from '../virtual-cloud.ts'

/** What was asked for, and what the cloud said. */
export interface Batch {
  /** Objects that the cloud has acknowledged: it must account for each of them. */
  acknowledged: ReadonlyMap<ObjectId, { restarts: boolean }>
  /** Objects that it refused, or of which the answer did not come. */
  refused: number
  /** Cloud processes, one a call, of whose objects nobody knows whether they exist: the answer did not come. */
  unanswered: ReadonlySet<CloudProcessId>
}

/** By these a call says that it does not know what became of what it asked for. */
const UNKNOWN_OUTCOMES = ['ETIMEDOUT', 'ECONNRESET'] as const

/** Longer than any call takes whose caller lives. */
const PATIENCE_MS = 120_000

export interface BatchOptions {
  objects: number
  perCall: number
  /** Between two calls. */
  pauseMs: number
  /** The longest that a task runs, seconds. */
  secondsMax: number
}

/** Spawns tasks of drawn lengths from drawn nodes; every other call asks for a restart on failure. */
export async function spawnBatch (
  cloud: VirtualCloud, random: Random, { objects, perCall, pauseMs, secondsMax }: BatchOptions
): Promise<Batch> {
  const acknowledged = new Map<ObjectId, { restarts: boolean }>()
  const unanswered = new Set<CloudProcessId>()
  let refused = 0
  for (let asked = 0; asked < objects; asked += perCall) {
    const restarts = (asked / perCall) % 2 === 1
    const count = Math.min(perCall, objects - asked)
    const from = drawOne(random, cloud.nodes())?.id as NodeId
    const cp = toHex(random.bytes(16))
    const { ids, answered } = await spawn(cloud, from, {
      cp, count, restarts, seconds: 1 + drawInteger(random, secondsMax)
    })
    if (!answered) unanswered.add(cp)
    for (const id of ids) acknowledged.set(id, { restarts })
    refused += count - ids.length
    await cloud.pass(pauseMs)
  }
  return { acknowledged, refused, unanswered }
}

async function spawn (
  cloud: VirtualCloud,
  from: NodeId,
  { cp, count, restarts, seconds }: { cp: CloudProcessId, count: number, restarts: boolean, seconds: number }
): Promise<{ ids: ObjectId[], answered: boolean }> {
  try {
    const spawning = cloud.syscalls(from).spawn({
      cp,
      count,
      program: {
        driver: 'modelled',
        argv: ['run', '--seconds', `${seconds}`, '--cpu', '0.01', '--memory', '1048576']
      },
      restart: { policy: restarts ? 'on-failure' : 'never' }
    })
    // A caller whose own machine loses power never hears of it.
    const answer = await Promise.race([spawning, cloud.pass(PATIENCE_MS)])
    if (answer === undefined) return { ids: [], answered: false }
    return { ids: answer.objects.map(({ id }) => id), answered: true }
  } catch (error) {
    if (!isCloudError(error)) throw error
    cloud.mark('refused', from, error.code)
    return { ids: [], answered: !isCloudError(error, ...UNKNOWN_OUTCOMES) }
  }
}

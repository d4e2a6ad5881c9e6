import { drawInteger, drawOne, isCloudError, type NodeId, type ObjectId, type Random } from '@welkin/interface'
import type { VirtualCloud } from '../virtual-cloud.ts'

/** What was asked for, and what the cloud said. */
export interface Batch {
  /** Objects that the cloud has acknowledged: it must account for each of them. */
  acknowledged: ReadonlyMap<ObjectId, { restarts: boolean }>
  /** Objects that it refused, or of which the answer did not come. */
  refused: number
}

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
  let refused = 0
  for (let asked = 0; asked < objects; asked += perCall) {
    const restarts = (asked / perCall) % 2 === 1
    const count = Math.min(perCall, objects - asked)
    const from = drawOne(random, cloud.nodes())?.id as NodeId
    const ids = await spawn(cloud, from, { count, restarts, seconds: 1 + drawInteger(random, secondsMax) })
    for (const id of ids) acknowledged.set(id, { restarts })
    refused += count - ids.length
    await cloud.pass(pauseMs)
  }
  return { acknowledged, refused }
}

async function spawn (
  cloud: VirtualCloud,
  from: NodeId,
  { count, restarts, seconds }: { count: number, restarts: boolean, seconds: number }
): Promise<ObjectId[]> {
  try {
    const { objects } = await cloud.syscalls(from).spawn({
      count,
      program: {
        driver: 'modelled',
        argv: ['run', '--seconds', `${seconds}`, '--cpu', '0.01', '--memory', '1048576']
      },
      restart: { policy: restarts ? 'on-failure' : 'never' }
    })
    return objects.map(({ id }) => id)
  } catch (error) {
    if (!isCloudError(error)) throw error
    cloud.mark('refused', from, error.code)
    return []
  }
}

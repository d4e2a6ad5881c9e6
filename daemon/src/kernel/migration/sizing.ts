import { sleep } from '@welkin/async'
import { PAGE_BYTES, type NodeId, type ObjectId } from '@welkin/interface'
import type { ReplyOf } from '@welkin/syscalls'
import type { CopyOptions } from './coordinating.ts'
import { capture, mannerOfMove } from './manner.ts'
import type { MigrationPorts } from './ports.ts'
import { expectedCost } from './rounds.ts'

/** Between two looks at a state, to see how fast it changes. */
const LOOK_MS = 250

/**
 * What it would cost to move an object of this node, by its state and the way as they are. A program that is asked for
 * its state shows only then how large that is: nothing is foretold of how long it takes. Rejects as `copy` does.
 */
export async function sizeUp (
  { clock, measurement, objects, self }: MigrationPorts, id: ObjectId, to: NodeId, options: CopyOptions
): Promise<ReplyOf<'move.size'>> {
  const object = objects.get(id)
  const manner = mannerOfMove(object, objects.driverOf(object), options.restart)
  const { bandwidth, rtt } = measurement.way(to)
  const way = { bandwidthBytesPerSecond: bandwidth?.value, rttMs: rtt?.value }
  let [bytes, dirtyBytesPerSecond] = [0, 0]
  if (manner === 'live' && object.task !== undefined) {
    const before = new Set((await capture(object.task, false)).pages)
    await sleep(clock, LOOK_MS)
    const pages = [...new Set((await capture(object.task, false)).pages)].filter(page => page !== '')
    bytes = pages.length * PAGE_BYTES
    dirtyBytesPerSecond = pages.filter(page => !before.has(page)).length * PAGE_BYTES * 1000 / LOOK_MS
  } else if (manner === 'stop') bytes = (await object.task?.usage())?.memoryBytes ?? 0
  const expected = manner === 'stop' ? {} : expectedCost({ bytes, dirtyBytesPerSecond }, way, options)
  const known = Object.entries({ ...way, ...expected }).filter(([, value]) => value !== undefined)
  return { id, from: self, to, manner, bytes, dirtyBytesPerSecond, ...Object.fromEntries(known) }
}

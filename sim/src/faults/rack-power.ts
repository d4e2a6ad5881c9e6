import type { NodeId, Zone } from '@welkin/interface'
import type { VirtualCloud } from '../virtual-cloud.ts'

/** Cuts the power of all machines in a zone at once; says which. */
export function cutPower (cloud: VirtualCloud, zone: Zone): NodeId[] {
  const names = cloud.namesIn(zone)
  for (const name of names) cloud.powerOff(name)
  return names
}

/**
 * Gives it back; the daemons start as machines boot, one after the other within `spreadMs`.
 * They know whom to join by their disks.
 */
export async function returnPower (cloud: VirtualCloud, names: readonly NodeId[], spreadMs: number): Promise<void> {
  const random = cloud.random.fork('boot')
  await Promise.all(names.map(async name => {
    await cloud.pass(random.unit() * spreadMs)
    await cloud.start(name)
  }))
}

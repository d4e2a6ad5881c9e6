import { siteOf, type NodeId } from '@welkin/interface'
import { seesTheTruth, type VirtualCloud } from '@welkin/sim'

const LOOK_PERIOD_MS = 1000
const SEEN_WITHIN_MS = 600_000

/**
 * Switches all nodes of a cloud on within so many virtual milliseconds: the first of each site joins through the first
 * of all, the others through the first of theirs. Resolves when all have started.
 */
export async function switchOn (cloud: VirtualCloud, withinMs: number): Promise<void> {
  const random = cloud.random.fork('bench')
  const doors = new Map<string, NodeId>()
  for (const { name, zone } of cloud.places) if (!doors.has(siteOf(zone))) doors.set(siteOf(zone), name)
  const [first] = [...doors.values()] as [NodeId]
  await Promise.all(cloud.places.map(async ({ name, zone }) => {
    const door = doors.get(siteOf(zone)) as NodeId
    if (name !== door) await cloud.pass(random.unit() * withinMs)
    await cloud.start(name, name === first ? [] : [name === door ? first : door])
  }))
}

/** Resolves with after how many virtual milliseconds every node knows its site. */
export async function untilSeen (cloud: VirtualCloud): Promise<number> {
  const ms = await cloud.until(() => seesTheTruth(cloud), { periodMs: LOOK_PERIOD_MS, timeoutMs: SEEN_WITHIN_MS })
  if (ms === undefined) throw new Error(`${cloud.places.length} nodes do not find one another.`)
  return ms
}

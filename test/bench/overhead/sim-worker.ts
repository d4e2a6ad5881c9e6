import { setMaxListeners } from 'node:events'
import { siteOf, type NodeId } from '@welkin/interface'
import { grid, seesTheTruth, VirtualCloud } from '@welkin/sim'
import { answerParent } from '../child.ts'

export interface SimulatedQuestion {
  nodes: number
  siteNodes: number
  /** Virtual seconds that pass between the full view and the measurement, and during it. */
  settle: number
  seconds: number
}

export interface SimulatedAnswer {
  /** What each node has sent during the measurement. */
  sentBytes: number[]
  sentMessages: number[]
  /** What it took to compute that. */
  cpuMs: number
  /** What it took to compute everything. */
  realSeconds: number
}

const RACKS = 5
const JOIN_WITHIN_MS = 10_000
const JOINED_WITHIN_MS = 600_000

setMaxListeners(0) // one deadline may cut short any number of calls
answerParent(async ({ nodes, siteNodes, settle, seconds }: SimulatedQuestion): Promise<SimulatedAnswer> => {
  const startMs = performance.now()
  const places = grid({ sites: Math.ceil(nodes / siteNodes), racks: RACKS, nodes })
  const cloud = new VirtualCloud({ seed: 1, places })
  const { timeline } = cloud
  await timeline.until(startAll(cloud))
  await timeline.runUntil(timeline.nowMs + settle * 1000)
  const before = trafficOf(cloud)
  const cpuBefore = process.cpuUsage()
  await timeline.runUntil(timeline.nowMs + seconds * 1000)
  const { user, system } = process.cpuUsage(cpuBefore)
  const after = trafficOf(cloud)
  return {
    sentBytes: after.map(({ sentBytes }, at) => sentBytes - (before[at]?.sentBytes ?? 0)),
    sentMessages: after.map(({ sentMessages }, at) => sentMessages - (before[at]?.sentMessages ?? 0)),
    cpuMs: (user + system) / 1000,
    realSeconds: (performance.now() - startMs) / 1000
  }
})

/**
 * Switches all on: the first node of each site joins through the first of all, the others through the first of theirs.
 * Resolves when every node knows its site.
 */
async function startAll (cloud: VirtualCloud): Promise<void> {
  const random = cloud.random.fork('bench')
  const doors = new Map<string, NodeId>()
  for (const { name, zone } of cloud.places) if (!doors.has(siteOf(zone))) doors.set(siteOf(zone), name)
  const [first] = [...doors.values()] as [NodeId]
  await Promise.all(cloud.places.map(async ({ name, zone }) => {
    const door = doors.get(siteOf(zone)) as NodeId
    if (name !== door) await cloud.pass(random.unit() * JOIN_WITHIN_MS)
    await cloud.start(name, name === first ? [] : [name === door ? first : door])
  }))
  const joinedMs = await cloud.until(() => seesTheTruth(cloud), { periodMs: 1000, timeoutMs: JOINED_WITHIN_MS })
  if (joinedMs === undefined) throw new Error(`${cloud.places.length} nodes do not find one another.`)
}

function trafficOf ({ network, places }: VirtualCloud): Array<{ sentBytes: number, sentMessages: number }> {
  return places.map(({ name }) => ({ ...network.trafficOf(name) }))
}

import { setMaxListeners } from 'node:events'
import { grid, VirtualCloud } from '@welkin/sim'
import { answerParent } from '../child.ts'
import { switchOn, untilSeen } from '../switch-on.ts'

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

setMaxListeners(0) // one deadline may cut short any number of calls
answerParent(async ({ nodes, siteNodes, settle, seconds }: SimulatedQuestion): Promise<SimulatedAnswer> => {
  const startMs = performance.now()
  const places = grid({ sites: Math.ceil(nodes / siteNodes), racks: RACKS, nodes })
  const cloud = new VirtualCloud({ seed: 1, places })
  const { timeline } = cloud
  await timeline.until(switchOn(cloud, JOIN_WITHIN_MS).then(async () => await untilSeen(cloud)))
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

function trafficOf ({ network, places }: VirtualCloud): Array<{ sentBytes: number, sentMessages: number }> {
  return places.map(({ name }) => ({ ...network.trafficOf(name) }))
}

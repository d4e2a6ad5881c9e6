import { siteOf, type NodeId, type Zone } from '@welkin/interface'
import type { VirtualCloud } from '../virtual-cloud.ts'

/** Whether every node that runs sees exactly those of its own site that run as up. */
export function seesTheTruth (cloud: VirtualCloud): boolean {
  const running = new Map<Zone, Set<NodeId>>()
  for (const { id } of cloud.nodes()) {
    const site = siteOf(cloud.zoneOf(id))
    running.set(site, (running.get(site) ?? new Set()).add(id))
  }
  return cloud.nodes().every(({ membership }) => {
    const own = running.get(membership.site) as Set<NodeId>
    const up = membership.nodes().filter(({ state }) => state === 'up')
    return up.length === own.size && up.every(({ id }) => own.has(id))
  })
}

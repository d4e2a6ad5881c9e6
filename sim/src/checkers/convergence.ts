import { siteOf, type NodeId, type Zone } from '@welkin/interface'
import type { VirtualCloud } from '../virtual-cloud.ts'

/** How far what nodes believe is true. */
export interface ViewTruth {
  /** Of the pairs of running nodes of one site, the share of which the first holds the second to be up. */
  seenRatio: number
  /** Nodes that do not run and are held to be up, once for each node that does. */
  ghosts: number
}

/** Compares what all running nodes believe of their sites with what is. */
export function viewTruth (cloud: VirtualCloud): ViewTruth {
  const running = runningBySite(cloud)
  let [pairs, seen, ghosts] = [0, 0, 0]
  for (const { membership } of cloud.nodes()) {
    const own = running.get(membership.site) as Set<NodeId>
    pairs += own.size
    for (const { id, state } of membership.nodes()) {
      if (state !== 'up') continue
      if (own.has(id)) seen++
      else ghosts++
    }
  }
  return { seenRatio: pairs === 0 ? 1 : seen / pairs, ghosts }
}

/** Whether every node that runs sees exactly those of its own site that run as up. */
export function seesTheTruth (cloud: VirtualCloud): boolean {
  const { seenRatio, ghosts } = viewTruth(cloud)
  return seenRatio === 1 && ghosts === 0
}

/** Up to `most` of what is believed and not so, for people. */
export function delusions (cloud: VirtualCloud, most: number): string[] {
  const running = runningBySite(cloud)
  return cloud.nodes().flatMap(({ id: witness, membership }) => {
    const own = running.get(membership.site) as Set<NodeId>
    const up = new Set(membership.nodes().flatMap(({ id, state }) => state === 'up' ? id : []))
    const unseen = [...own].filter(id => !up.has(id)).map(id => `${witness} does not see ${id}, which runs`)
    return [...unseen, ...[...up].filter(id => !own.has(id)).map(id => `${witness} holds ${id} to be up`)]
  }).slice(0, most)
}

function runningBySite (cloud: VirtualCloud): Map<Zone, Set<NodeId>> {
  const running = new Map<Zone, Set<NodeId>>()
  for (const { id } of cloud.nodes()) {
    const site = siteOf(cloud.zoneOf(id))
    running.set(site, (running.get(site) ?? new Set()).add(id))
  }
  return running
}

import { siteOf, type NodeId, type Zone } from '@welkin/interface'
import type { Place } from '@welkin/links'
import type { View } from '../cloud.ts'
import type { VirtualCloud } from '../virtual-cloud.ts'

/** How far what nodes believe is true. */
export interface ViewTruth {
  /** Of the pairs of running nodes of one site, the share of which the first holds the second to be up. */
  seenRatio: number
  /** Nodes that do not run and are held to be up, once for each node that does. */
  ghosts: number
}

/** Compares what all running nodes believe of their sites with what is: those that have a view are those that run. */
export function judgeViews (views: readonly View[], places: readonly Place[]): ViewTruth {
  const running = runningBySite(views, places)
  let [pairs, seen, ghosts] = [0, 0, 0]
  for (const { witness, up } of views) {
    const own = running(witness)
    pairs += own.size
    for (const id of up) {
      if (own.has(id)) seen++
      else ghosts++
    }
  }
  return { seenRatio: pairs === 0 ? 1 : seen / pairs, ghosts }
}

/** Whether every node that runs sees exactly those of its own site that run as up. */
export function areTrue (views: readonly View[], places: readonly Place[]): boolean {
  const { seenRatio, ghosts } = judgeViews(views, places)
  return seenRatio === 1 && ghosts === 0
}

/** Up to `most` of what is believed and not so, for people. */
export function delusionsIn (views: readonly View[], places: readonly Place[], most: number): string[] {
  const running = runningBySite(views, places)
  return views.flatMap(({ witness, up }) => {
    const own = running(witness)
    const unseen = [...own].filter(id => !up.includes(id)).map(id => `${witness} does not see ${id}, which runs`)
    return [...unseen, ...up.filter(id => !own.has(id)).map(id => `${witness} holds ${id} to be up`)]
  }).slice(0, most)
}

export function viewTruth (cloud: VirtualCloud): ViewTruth {
  return judgeViews(cloud.views(), cloud.places)
}

export function seesTheTruth (cloud: VirtualCloud): boolean {
  return areTrue(cloud.views(), cloud.places)
}

/** Who runs in the site of a node. */
function runningBySite (views: readonly View[], places: readonly Place[]): (name: NodeId) => Set<NodeId> {
  const sites = new Map(places.map(({ name, zone }): [NodeId, Zone] => [name, siteOf(zone)]))
  const running = new Map<Zone | undefined, Set<NodeId>>()
  for (const { witness } of views) {
    const site = sites.get(witness)
    running.set(site, (running.get(site) ?? new Set()).add(witness))
  }
  return name => running.get(sites.get(name)) ?? new Set()
}

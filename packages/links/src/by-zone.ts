import { siteOf, type NodeId, type Zone } from '@welkin/interface'
import { GIGABIT, type LinkQuality, type LinksBetween } from './quality.ts'

/** The links between two nodes, by the smallest thing that their zones have in common. */
export interface ZoneLinks {
  /** In one rack. */
  rack: LinkQuality
  /** In one site. */
  site: LinkQuality
  /** Between sites. */
  cloud: LinkQuality
}

/** A cloud of data centres of one country. */
export const DATACENTER_LINKS: ZoneLinks = {
  rack: { latencyMs: 0.1, jitterMs: 0.05, bytesPerSecond: 10 * GIGABIT, lossRatio: 0 },
  site: { latencyMs: 0.3, jitterMs: 0.2, bytesPerSecond: 10 * GIGABIT, lossRatio: 0 },
  cloud: { latencyMs: 15, jitterMs: 3, bytesPerSecond: GIGABIT, lossRatio: 0.0001 }
}

/** Links by what two zones have in common; left out: those of data centres. `zoneOf` says where a node stands. */
export function linksByZone (zoneOf: (node: NodeId) => Zone, links: Partial<ZoneLinks> = {}): LinksBetween {
  const all = { ...DATACENTER_LINKS, ...links }
  return (from, to) => all[commonPart(zoneOf(from), zoneOf(to))]
}

/** The smallest thing that has both zones in it. */
export function commonPart (here: Zone, there: Zone): keyof ZoneLinks {
  if (here === there) return 'rack'
  return siteOf(here) === siteOf(there) ? 'site' : 'cloud'
}

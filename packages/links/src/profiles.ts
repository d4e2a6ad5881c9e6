import type { NodeId, Zone } from '@welkin/interface'
import { DATACENTER_LINKS, linksByZone } from './by-zone.ts'
import { generateLinks } from './geography.ts'
import { GIGABIT, type LinksBetween } from './quality.ts'

/** How far apart the sites of a cloud are: on one campus, in one country, or anywhere. */
export const LINK_PROFILES = ['lan', 'datacenter', 'wan'] as const

export type LinkProfile = typeof LINK_PROFILES[number]

export function isLinkProfile (text: string): text is LinkProfile {
  return (LINK_PROFILES as readonly string[]).includes(text)
}

/** On one campus even another site is near. */
const CAMPUS = { latencyMs: 0.5, jitterMs: 0.3, bytesPerSecond: GIGABIT, lossRatio: 0 }

export interface ProfileOptions {
  zoneOf: (node: NodeId) => Zone
  /** Draws the distances of a `wan`. */
  seed?: string | undefined
}

/** The links of a profile; racks and sites are the same in all, so they differ between sites. */
export function linksOfProfile (profile: LinkProfile, { zoneOf, seed }: ProfileOptions): LinksBetween {
  if (profile === 'wan') return generateLinks({ zoneOf, seed })
  return linksByZone(zoneOf, profile === 'lan' ? { ...DATACENTER_LINKS, cloud: CAMPUS } : DATACENTER_LINKS)
}

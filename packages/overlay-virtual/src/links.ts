import { siteOf, type NodeId, type Random, type Zone } from '@welkin/interface'

/** How one direction between two nodes behaves. */
export interface LinkQuality {
  /** One way. */
  latencyMs: number
  /** Up to so much more, drawn for each packet. */
  jitterMs: number
  bytesPerSecond: number
  /** Share of packets that must be sent again. */
  lossRatio: number
}

/** The link from one node to another; asked for each packet, so that it may change. */
export type LinksBetween = (from: NodeId, to: NodeId) => LinkQuality

/** The links between two nodes, by what their zones have in common. */
export interface ZoneLinks {
  /** In one rack. */
  rack: LinkQuality
  /** In one site. */
  site: LinkQuality
  /** Between sites. */
  cloud: LinkQuality
}

const GIGABIT = 125e6

const ZONE_LINKS: ZoneLinks = {
  rack: { latencyMs: 0.1, jitterMs: 0.05, bytesPerSecond: 10 * GIGABIT, lossRatio: 0 },
  site: { latencyMs: 0.3, jitterMs: 0.2, bytesPerSecond: 10 * GIGABIT, lossRatio: 0 },
  cloud: { latencyMs: 15, jitterMs: 3, bytesPerSecond: GIGABIT, lossRatio: 0.0001 }
}

/** Links of a cloud of data centres; `zoneOf` says where a node stands. */
export function linksByZone (zoneOf: (node: NodeId) => Zone, links: Partial<ZoneLinks> = {}): LinksBetween {
  const { rack, site, cloud } = { ...ZONE_LINKS, ...links }
  return (from, to) => {
    const [here, there] = [zoneOf(from), zoneOf(to)]
    if (here === there) return rack
    return siteOf(here) === siteOf(there) ? site : cloud
  }
}

/** What TCP waits at least before it sends a packet again (RFC 6298, as Linux has it). */
const RETRANSMISSION_MS_MIN = 200

/** Milliseconds that a packet spends on its way once the line is free; what is lost is sent again, later each time. */
export function drawTransitMs ({ latencyMs, jitterMs, lossRatio }: LinkQuality, random: Random): number {
  let transitMs = latencyMs + (jitterMs > 0 ? random.unit() * jitterMs : 0)
  if (lossRatio <= 0) return transitMs
  for (let waitMs = Math.max(RETRANSMISSION_MS_MIN, 2 * latencyMs); random.unit() < lossRatio; waitMs *= 2) {
    transitMs += waitMs
  }
  return transitMs
}

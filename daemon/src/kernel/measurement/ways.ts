import type { Measured, NodeId, Way } from '@welkin/interface'

/** Round trips that are remembered of one peer. */
const RTTS_MAX = 8
/** How much the latest transfer counts beside all earlier ones. */
const BANDWIDTH_WEIGHT = 0.3
/** Requests after which an earlier outcome counts half. */
const LOSS_HALF_LIFE = 64

interface Kept {
  rttsMs: number[]
  rttCount: number
  rttAtMs: number
  answered: number
  lost: number
  requests: number
  lossAtMs: number
  bandwidth: number
  transfers: number
  bandwidthAtMs: number
}

/**
 * What was seen of the ways to peers: the latest of them, no more than `peersMax`, those not seen for longest forgotten
 * first. Pure: time is given.
 */
export class Ways {
  readonly #peersMax: number
  readonly #kept = new Map<NodeId, Kept>()

  constructor (peersMax: number) {
    this.#peersMax = peersMax
  }

  rtt (peer: NodeId, rttMs: number, nowMs: number): void {
    const kept = this.#of(peer)
    kept.rttsMs.push(rttMs)
    if (kept.rttsMs.length > RTTS_MAX) kept.rttsMs.shift()
    kept.rttCount++
    kept.rttAtMs = nowMs
  }

  /** A request was answered, or lost. */
  request (peer: NodeId, outcome: 'answered' | 'lost', nowMs: number): void {
    const kept = this.#of(peer)
    if (kept.answered + kept.lost >= 2 * LOSS_HALF_LIFE) {
      kept.answered /= 2
      kept.lost /= 2
    }
    kept[outcome]++
    kept.requests++
    kept.lossAtMs = nowMs
  }

  transfer (peer: NodeId, bytesPerSecond: number, nowMs: number): void {
    const kept = this.#of(peer)
    const weight = kept.transfers === 0 ? 1 : BANDWIDTH_WEIGHT
    kept.bandwidth += weight * (bytesPerSecond - kept.bandwidth)
    kept.transfers++
    kept.bandwidthAtMs = nowMs
  }

  way (peer: NodeId, nowMs: number): Way {
    const kept = this.#kept.get(peer)
    if (kept === undefined) return {}
    const { rttsMs, rttCount, rttAtMs, answered, lost, requests, lossAtMs, bandwidth, transfers, bandwidthAtMs } = kept
    const measured = (value: number, samples: number, atMs: number): Measured =>
      ({ value, samples, ageMs: nowMs - atMs })
    return {
      ...rttCount > 0 ? { rtt: measured(usual(rttsMs), rttCount, rttAtMs) } : {},
      ...requests > 0 ? { loss: measured(lost / (answered + lost), requests, lossAtMs) } : {},
      ...transfers > 0 ? { bandwidth: measured(bandwidth, transfers, bandwidthAtMs) } : {}
    }
  }

  /** How far the latest round trips to a peer lie apart, milliseconds: half of the range of the middle ones. */
  rttSpreadMs (peer: NodeId): number {
    const sorted = (this.#kept.get(peer)?.rttsMs ?? []).toSorted((a, b) => a - b)
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
    return (at(0.75) - at(0.25)) / 2
  }

  #of (peer: NodeId): Kept {
    const kept = this.#kept.get(peer) ?? {
      rttsMs: [], rttCount: 0, rttAtMs: 0, answered: 0, lost: 0, requests: 0, lossAtMs: 0,
      bandwidth: 0, transfers: 0, bandwidthAtMs: 0
    }
    this.#kept.delete(peer)
    this.#kept.set(peer, kept)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#peersMax) break
      this.#kept.delete(oldest)
    }
    return kept
  }
}

/** The lower quartile: what delays a packet now and then is no part of the distance. */
function usual (rttsMs: readonly number[]): number {
  const sorted = rttsMs.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 4)] as number
}

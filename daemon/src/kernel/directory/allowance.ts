import type { NodeId } from '@welkin/interface'

/** Peers that are remembered; one that was forgotten has its full allowance again. */
const PEERS_MAX = 4096

interface Bucket { left: number, atMs: number }

/** How much each peer may ask for: so much a second, and as much at once (a token bucket for each). Pure. */
export class Allowance {
  readonly #perSecond: number
  readonly #buckets = new Map<NodeId, Bucket>()

  constructor (perSecond: number) {
    this.#perSecond = perSecond
  }

  /** Whether the peer may have so much now; it is then used. */
  take (peer: NodeId, amount: number, nowMs: number): boolean {
    const before = this.#buckets.get(peer)
    const left = before === undefined
      ? this.#perSecond
      : Math.min(this.#perSecond, before.left + (nowMs - before.atMs) / 1000 * this.#perSecond)
    const isAllowed = left >= amount
    this.#buckets.delete(peer)
    this.#buckets.set(peer, { left: isAllowed ? left - amount : left, atMs: nowMs })
    if (this.#buckets.size > PEERS_MAX) this.#buckets.delete(this.#buckets.keys().next().value as NodeId)
    return isAllowed
  }
}

import type { Counter, Logger, NodeId } from '@welkin/interface'

/** Peers that are counted each for itself; all others together, since keys are free to make. */
const PEERS_MAX = 1000

/**
 * Names peers that talk nonsense in the log, rarely: at the first time, the tenth, the hundredth and so on, so that
 * nobody fills the log by it.
 */
export class Complaints {
  readonly #log: Logger
  readonly #counter: Counter
  readonly #counts = new Map<NodeId, number>()
  #others = 0

  constructor (log: Logger, counter: Counter) {
    this.#log = log
    this.#counter = counter
  }

  /** `reason` is ours, not the peer's. */
  note (peer: NodeId, reason: string): void {
    const count = this.#count(peer)
    this.#counter.add()
    if (Number.isInteger(Math.log10(count))) this.#log.warn('resources.nonsense_ignored', { peer, reason, count })
  }

  #count (peer: NodeId): number {
    const known = this.#counts.get(peer)
    if (known === undefined && this.#counts.size >= PEERS_MAX) return ++this.#others
    this.#counts.set(peer, (known ?? 0) + 1)
    return (known ?? 0) + 1
  }
}

import type { Logger, NodeId } from '@welkin/interface'
import type { Counter } from '@welkin/interface'

/** Peers that are remembered; whoever makes more keys than this is named anew each time. */
const PEERS_MAX = 1000

/**
 * Names peers that talk nonsense in the log, rarely: at the first time, the tenth, the hundredth and so on, so that
 * nobody fills the log by it.
 */
export class Complaints {
  readonly #log: Logger
  readonly #counter: Counter
  readonly #counts = new Map<NodeId, number>()

  constructor (log: Logger, counter: Counter) {
    this.#log = log
    this.#counter = counter
  }

  /** `reason` is ours, not the peer's. */
  note (peer: NodeId, reason: string): void {
    const count = (this.#counts.get(peer) ?? 0) + 1
    if (this.#counts.size >= PEERS_MAX) this.#counts.clear()
    this.#counts.set(peer, count)
    this.#counter.add()
    if (Number.isInteger(Math.log10(count))) this.#log.warn('resources.nonsense_ignored', { peer, reason, count })
  }
}

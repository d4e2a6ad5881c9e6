const DOUBT_MAX = 8

/**
 * How far a node trusts its own eyes: whoever is slow, paused or cut off sees others as dead (Dadgar et al., Lifeguard,
 * 2017, "local health"). Grows with what speaks against the node itself, shrinks with each probe that is answered in
 * time. Pure.
 */
export class SelfDoubt {
  #doubt = 0

  /** By how much this node waits longer than it would if it were well: 1 to 9. */
  get factor (): number {
    return 1 + this.#doubt
  }

  /** Something speaks against this node: its timers came late, its helpers were silent too, others accuse it. */
  grow (): void {
    this.#doubt = Math.min(DOUBT_MAX, this.#doubt + 1)
  }

  shrink (): void {
    this.#doubt = Math.max(0, this.#doubt - 1)
  }
}

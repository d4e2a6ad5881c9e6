import type { NodeId } from '@welkin/interface'

/** What is older than this has been told by the node itself, or has come to nothing. */
const KEPT_MS = 60_000

/**
 * What was placed on nodes since they last told how many objects they have: without it, all that is placed between two
 * statements of a node would go to the same one.
 */
export class RecentPlacements {
  readonly #placed = new Map<NodeId, Array<{ atMs: number, count: number }>>()

  /** Nodes of which something is remembered. */
  get size (): number {
    return this.#placed.size
  }

  add (node: NodeId, count: number, atMs: number): void {
    const known = this.#placed.get(node) ?? []
    // The nodes that were not placed on for longest stand first.
    this.#placed.delete(node)
    this.#placed.set(node, [...known, { atMs, count }])
    for (const [oldest, placements] of this.#placed) {
      if (atMs - (placements.at(-1)?.atMs ?? atMs) < KEPT_MS) break
      this.#placed.delete(oldest)
    }
  }

  /** Objects placed on `node` after `sinceMs`; what is older is forgotten. */
  countSince (node: NodeId, sinceMs: number): number {
    const known = this.#placed.get(node)
    if (known === undefined) return 0
    const later = known.filter(({ atMs }) => atMs > sinceMs)
    if (later.length === 0) this.#placed.delete(node)
    else this.#placed.set(node, later)
    return later.reduce((sum, { count }) => sum + count, 0)
  }
}

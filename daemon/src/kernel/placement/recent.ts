import type { NodeId } from '@welkin/interface'

/**
 * What was placed on nodes since they last told how many objects they have: without it, all that is placed between two
 * announcements would go to the same node.
 */
export class RecentPlacements {
  readonly #placed = new Map<NodeId, Array<{ atMs: number, count: number }>>()

  add (node: NodeId, count: number, atMs: number): void {
    this.#placed.set(node, [...this.#placed.get(node) ?? [], { atMs, count }])
  }

  /** Objects placed on `node` after `sinceMs`; what is older is forgotten. */
  countSince (node: NodeId, sinceMs: number): number {
    const later = (this.#placed.get(node) ?? []).filter(({ atMs }) => atMs > sinceMs)
    if (later.length === 0) this.#placed.delete(node)
    else this.#placed.set(node, later)
    return later.reduce((sum, { count }) => sum + count, 0)
  }
}

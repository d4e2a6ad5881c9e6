import type { NodeId } from '@welkin/interface'

/**
 * What was placed on nodes since they last told how many objects they have: without it, all that is placed between two
 * announcements would go to the same node.
 */
export class RecentPlacements {
  readonly #placed = new Map<NodeId, Array<{ atMs: number, count: number }>>()

  /** Nodes of which something is remembered. */
  get size (): number {
    return this.#placed.size
  }

  add (node: NodeId, count: number, atMs: number): void {
    const known = this.#placed.get(node)
    if (known === undefined) this.#placed.set(node, [{ atMs, count }])
    else known.push({ atMs, count })
  }

  /** Objects placed on `node` after `sinceMs`; what is older is forgotten. */
  countSince (node: NodeId, sinceMs: number): number {
    const later = (this.#placed.get(node) ?? []).filter(({ atMs }) => atMs > sinceMs)
    if (later.length === 0) this.#placed.delete(node)
    else this.#placed.set(node, later)
    return later.reduce((sum, { count }) => sum + count, 0)
  }

  /** Forgets all other nodes: those that have left, and will never be asked for again. */
  keepOnly (nodes: ReadonlySet<NodeId>): void {
    for (const node of this.#placed.keys()) if (!nodes.has(node)) this.#placed.delete(node)
  }
}

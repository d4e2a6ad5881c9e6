import type { NodeId } from '@welkin/interface'
import { bitOf, compareOrder, POINT_BYTES, type Placed, type Point } from './point.ts'

/**
 * Nodes in the order of their points, so that those nearest to a point are found in a few steps: all that share a
 * prefix stand together, and those that share a longer one are nearer.
 */
export class PointIndex<Node extends Placed> {
  readonly #nodes: Node[] = []
  readonly #byId = new Map<NodeId, Node>()

  get size (): number {
    return this.#nodes.length
  }

  get (id: NodeId): Node | undefined {
    return this.#byId.get(id)
  }

  values (): readonly Node[] {
    return this.#nodes
  }

  /** Takes the place of a node of the same id. */
  set (node: Node): void {
    const place = this.#placeOf(node.point)
    this.#nodes.splice(place, this.#byId.has(node.id) ? 1 : 0, node)
    this.#byId.set(node.id, node)
  }

  delete (id: NodeId): boolean {
    const node = this.#byId.get(id)
    if (node === undefined) return false
    this.#byId.delete(id)
    this.#nodes.splice(this.#placeOf(node.point), 1)
    return true
  }

  /** The `count` nearest to `target`, the nearest first. */
  nearest (target: Point, count: number): Node[] {
    const found: Node[] = []
    this.#collect(target, count, { from: 0, to: this.#nodes.length, bit: 0 }, found)
    return found
  }

  /** Those of a range, all of which share the first `bit` bits. */
  #collect (
    target: Point, count: number, { from, to, bit }: { from: number, to: number, bit: number }, found: Node[]
  ): void {
    if (from >= to || found.length >= count) return
    if (to - from === 1 || bit === 8 * POINT_BYTES) {
      found.push(...this.#nodes.slice(from, Math.min(to, from + count - found.length)))
      return
    }
    const ones = this.#firstOne(from, to, bit)
    const [near, far] = bitOf(target, bit) === 1
      ? [{ from: ones, to, bit: bit + 1 }, { from, to: ones, bit: bit + 1 }]
      : [{ from, to: ones, bit: bit + 1 }, { from: ones, to, bit: bit + 1 }]
    this.#collect(target, count, near, found)
    this.#collect(target, count, far, found)
  }

  /** Where those begin that have a one at `bit`. */
  #firstOne (from: number, to: number, bit: number): number {
    let [low, high] = [from, to]
    while (low < high) {
      const middle = (low + high) >> 1
      if (bitOf((this.#nodes[middle] as Node).point, bit) === 1) high = middle
      else low = middle + 1
    }
    return low
  }

  #placeOf (point: Point): number {
    let [low, high] = [0, this.#nodes.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (compareOrder((this.#nodes[middle] as Node).point, point) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

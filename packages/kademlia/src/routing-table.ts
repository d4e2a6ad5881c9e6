import type { NodeId } from '@welkin/interface'
import { commonBits, type Placed, type Point } from './point.ts'

/** Nodes at about one distance, and those that wait for a place among them; each list by last seen, the latest last. */
interface Bucket<Node> { nodes: Node[], waiting: Node[] }

/** So often in a row somebody may fail to answer, before another takes the place. */
const FAILURES_MAX = 2

/** What has changed: who is known now, and who is no longer. */
export interface TableChange<Node> { added?: Node | undefined, removed?: Node | undefined }

/**
 * Whom a node knows: up to `bucketSize` at each distance, so that it knows all of its own neighbourhood and a few of
 * everywhere else (Kademlia, section 2.2). Who has been known for long stays, since it will stay up the longest; a
 * newcomer waits for a place until somebody fails. Only whoever has shown that it is there belongs in here.
 */
export class RoutingTable<Node extends Placed> {
  readonly #self: Point
  readonly #bucketSize: number
  readonly #buckets = new Map<number, Bucket<Node>>()
  readonly #nodes = new Map<NodeId, Node>()
  readonly #failures = new Map<NodeId, number>()

  constructor (self: Point, { bucketSize }: { bucketSize: number }) {
    this.#self = self
    this.#bucketSize = bucketSize
  }

  get size (): number {
    return this.#nodes.size
  }

  get (id: NodeId): Node | undefined {
    return this.#nodes.get(id)
  }

  values (): IterableIterator<Node> {
    return this.#nodes.values()
  }

  /** It has answered, or asked. */
  seen (node: Node): TableChange<Node> {
    const bucket = this.#bucketOf(node.point)
    this.#failures.delete(node.id)
    if (this.#nodes.has(node.id)) {
      replaceLast(bucket.nodes, node)
      this.#nodes.set(node.id, node)
      return {}
    }
    if (bucket.nodes.length < this.#bucketSize) {
      bucket.nodes.push(node)
      this.#nodes.set(node.id, node)
      return { added: node }
    }
    replaceLast(bucket.waiting, node)
    if (bucket.waiting.length > this.#bucketSize) bucket.waiting.shift()
    return {}
  }

  /** It has not answered: twice in a row, and the latest of those that wait takes its place. */
  failed (id: NodeId): TableChange<Node> {
    const node = this.#nodes.get(id)
    if (node === undefined) return {}
    const failures = (this.#failures.get(id) ?? 0) + 1
    this.#failures.set(id, failures)
    return failures < FAILURES_MAX ? {} : this.remove(id)
  }

  /** It is gone. */
  remove (id: NodeId): TableChange<Node> {
    const node = this.#nodes.get(id)
    if (node === undefined) return {}
    const bucket = this.#bucketOf(node.point)
    bucket.nodes.splice(bucket.nodes.findIndex(each => each.id === id), 1)
    this.#nodes.delete(id)
    this.#failures.delete(id)
    const added = bucket.waiting.pop()
    if (added !== undefined) {
      bucket.nodes.push(added)
      this.#nodes.set(added.id, added)
    }
    return { removed: node, added }
  }

  #bucketOf (point: Point): Bucket<Node> {
    const bits = commonBits(this.#self, point)
    let bucket = this.#buckets.get(bits)
    if (bucket === undefined) this.#buckets.set(bits, bucket = { nodes: [], waiting: [] })
    return bucket
  }
}

/** Puts a node last, and takes its former entry out. */
function replaceLast<Node extends Placed> (list: Node[], node: Node): void {
  const place = list.findIndex(({ id }) => id === node.id)
  if (place >= 0) list.splice(place, 1)
  list.push(node)
}

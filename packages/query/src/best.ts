/** What was offered, with what it is ordered by; `arrival` decides between equals. */
export interface Offer<Key, Value> { key: Key, arrival: number, value: Value }

export type Compare<Key> = (one: Key, other: Key) => number

/**
 * Keeps the first `size` of what it is offered, in the order of `compare`, and of equals those that came earlier. Holds
 * no more than these: a binary heap with the last of them on top, so that most offers cost one comparison.
 */
export class Best<Key, Value> {
  readonly #size: number
  readonly #compare: Compare<Key>
  readonly #heap: Array<Offer<Key, Value>> = []

  constructor (size: number, compare: Compare<Key>) {
    this.#size = size
    this.#compare = compare
  }

  /** Arrivals only rise. */
  offer (key: Key, arrival: number, value: Value): void {
    const heap = this.#heap
    if (heap.length < this.#size) {
      heap.push({ key, arrival, value })
      // As long as it is not full nothing leaves it, and it need not be a heap.
      if (heap.length === this.#size) for (let at = heap.length >> 1; at >= 0; at--) this.#sink(at)
      return
    }
    const [top] = heap
    if (top === undefined || this.#compare(key, top.key) >= 0) return
    heap[0] = { key, arrival, value }
    this.#sink(0)
  }

  /** What was kept, in order. */
  inOrder (): Array<Offer<Key, Value>> {
    return this.#heap.toSorted((one, other) => this.#order(one, other))
  }

  #order (one: Offer<Key, Value>, other: Offer<Key, Value>): number {
    return this.#compare(one.key, other.key) || one.arrival - other.arrival
  }

  /** Puts what stands at `from` below everything that comes after it. */
  #sink (from: number): void {
    const heap = this.#heap
    const sinking = heap[from]
    if (sinking === undefined) return
    let at = from
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]]
      if (left === undefined) break
      const isRight = right !== undefined && this.#order(right, left) > 0
      const [child, place] = isRight ? [right, 2 * at + 2] : [left, 2 * at + 1]
      if (this.#order(sinking, child) >= 0) break
      heap[at] = child
      at = place
    }
    heap[at] = sinking
  }
}

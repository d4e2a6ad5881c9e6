/** A binary heap: what comes first by `isBefore` is on top. */
export class Heap<T> {
  readonly #items: T[]
  readonly #isBefore: (a: T, b: T) => boolean

  constructor (items: Iterable<T>, isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore
    // A sorted list is a heap.
    this.#items = [...items].toSorted((a, b) => isBefore(a, b) ? -1 : 1)
  }

  get top (): T | undefined {
    return this.#items[0]
  }

  removeTop (): void {
    const last = this.#items.pop()
    if (last === undefined || this.#items.length === 0) return
    this.#items[0] = last
    this.sinkTop()
  }

  /** Puts the top where it belongs after it came to be worth less. */
  sinkTop (): void {
    const items = this.#items
    const top = items[0] as T
    let at = 0
    for (;;) {
      const [left, right] = [items[2 * at + 1], items[2 * at + 2]]
      if (left === undefined) break
      const isRight = right !== undefined && this.#isBefore(right, left)
      const [child, place] = isRight ? [right, 2 * at + 2] : [left, 2 * at + 1]
      if (this.#isBefore(top, child)) break
      items[at] = child
      at = place
    }
    items[at] = top
  }
}

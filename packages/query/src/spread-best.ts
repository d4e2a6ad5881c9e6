import { Best, type Compare, type Offer } from './best.ts'

/**
 * Like `Best`, for values of groups: first comes the best of each group, then the second of each, and so on. So what is
 * kept, and any beginning of it, lies in as many groups as can be, and as evenly.
 */
export class SpreadBest<Key, Value> {
  readonly #size: number
  readonly #compare: Compare<Key>
  readonly #groupOf: (value: Value) => string
  readonly #groups = new Map<string, Best<Key, Value>>()

  constructor (size: number, compare: Compare<Key>, groupOf: (value: Value) => string) {
    this.#size = size
    this.#compare = compare
    this.#groupOf = groupOf
  }

  /** Arrivals only rise. */
  offer (key: Key, arrival: number, value: Value): void {
    const name = this.#groupOf(value)
    const group = this.#groups.get(name) ?? new Best(this.#size, this.#compare)
    this.#groups.set(name, group)
    group.offer(key, arrival, value)
  }

  /** What was kept, in order. */
  inOrder (): Array<Offer<Key, Value>> {
    const groups = [...this.#groups.values()].map(group => group.inOrder())
    const kept: Array<Offer<Key, Value>> = []
    for (let rank = 0; kept.length < this.#size; rank++) {
      const round = groups.flatMap(group => group[rank] ?? [])
      if (round.length === 0) break
      kept.push(...round.toSorted((one, other) => this.#compare(one.key, other.key) || one.arrival - other.arrival))
    }
    return kept.slice(0, this.#size)
  }
}

/** The same draws for the same seed (mulberry32). */
export class Chance {
  #state: number

  constructor (seed: number) {
    this.#state = seed | 0
  }

  /** A whole number from 0 to `count` - 1. */
  below (count: number): number {
    this.#state = this.#state + 0x6d2b79f5 | 0
    let mixed = Math.imul(this.#state ^ this.#state >>> 15, 1 | this.#state)
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed
    return ((mixed ^ mixed >>> 14) >>> 0) % count
  }

  oneIn (count: number): boolean {
    return this.below(count) === 0
  }

  pick<T> (items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  list<T> (most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make)
  }
}

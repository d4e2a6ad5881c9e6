import { wordIn } from './word.ts'

const SWEPT_AT_MIN = 1024

/**
 * What was heard and is still held by somebody: who hears the same again uses that, and of ten thousand nodes in one
 * process of the simulator all hold the same. What is kept here is not kept alive by it, and nobody may change it. Of
 * two with one key the later is kept.
 */
export class Shared<Key, T extends object> {
  readonly #kept = new Map<Key, WeakRef<T>>()
  #sweptAt = SWEPT_AT_MIN

  get (key: Key): T | undefined {
    return this.#kept.get(key)?.deref()
  }

  add (key: Key, value: T): T {
    this.#kept.set(key, new WeakRef(value))
    if (this.#kept.size > this.#sweptAt) this.#sweep()
    return value
  }

  #sweep (): void {
    for (const [key, kept] of this.#kept) if (kept.deref() === undefined) this.#kept.delete(key)
    this.#sweptAt = Math.max(SWEPT_AT_MIN, 2 * this.#kept.size)
  }
}

/** What was opened, by the first bytes of its wire. */
export class Opened<T extends { readonly wire: Uint8Array }> {
  readonly #shared = new Shared<number, T>()

  get (wire: Uint8Array): T | undefined {
    const known = this.#shared.get(wordIn(wire))
    return known !== undefined && Buffer.compare(known.wire, wire) === 0 ? known : undefined
  }

  add (opened: T): T {
    return this.#shared.add(wordIn(opened.wire), opened)
  }
}

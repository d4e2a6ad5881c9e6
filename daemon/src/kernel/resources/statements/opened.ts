import { wordIn } from './word.ts'

const SWEPT_AT_MIN = 1024

/**
 * What was opened and is still held by somebody, by its wire: who hears the same again need not open it again, and of
 * ten thousand nodes in one process of the simulator all hold the same. What is kept here is not kept alive by it.
 */
export class Opened<T extends { readonly wire: Uint8Array }> {
  /** By the first bytes of the signature, which are as good as drawn by chance: of two that are alike one is kept. */
  readonly #kept = new Map<number, WeakRef<T>>()
  #sweptAt = SWEPT_AT_MIN

  get (wire: Uint8Array): T | undefined {
    const known = this.#kept.get(wordIn(wire))?.deref()
    return known !== undefined && Buffer.compare(known.wire, wire) === 0 ? known : undefined
  }

  /** Keeps it as long as somebody else does, who must not change it. */
  add (opened: T): T {
    this.#kept.set(wordIn(opened.wire), new WeakRef(opened))
    if (this.#kept.size > this.#sweptAt) this.#sweep()
    return opened
  }

  #sweep (): void {
    for (const [word, kept] of this.#kept) if (kept.deref() === undefined) this.#kept.delete(word)
    this.#sweptAt = Math.max(SWEPT_AT_MIN, 2 * this.#kept.size)
  }
}

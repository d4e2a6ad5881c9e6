const UTF8 = new TextEncoder()

/** Writes the numbers and names of a module into bytes that grow. */
export class Writer {
  #bytes: Uint8Array
  #length = 0

  constructor (capacity = 256) {
    this.#bytes = new Uint8Array(capacity)
  }

  get length (): number {
    return this.#length
  }

  /** What was written; valid until more is. */
  get written (): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  byte (value: number): this {
    if (this.#length === this.#bytes.length) this.#reserve(1)
    this.#bytes[this.#length++] = value
    return this
  }

  u32 (value: number): this {
    let rest = value
    while (rest >= 0x80) {
      this.byte(rest & 0x7f | 0x80)
      rest >>>= 7
    }
    return this.byte(rest)
  }

  s32 (value: number): this {
    let rest = value
    while (rest < -64 || rest > 63) {
      this.byte(rest & 0x7f | 0x80)
      rest >>= 7
    }
    return this.byte(rest & 0x7f)
  }

  raw (bytes: Uint8Array): this {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  /** A piece of `bytes`; most are short, and a loop is faster than a view of them. */
  copy (bytes: Uint8Array, from: number, until: number): this {
    this.#reserve(until - from)
    if (until - from > 64) this.#bytes.set(bytes.subarray(from, until), this.#length)
    else for (let at = from, to = this.#length; at < until; at++, to++) this.#bytes[to] = bytes[at] as number
    this.#length += until - from
    return this
  }

  name (text: string): this {
    return this.sized(UTF8.encode(text))
  }

  /** With its length before it. */
  sized (bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes)
  }

  list<T> (items: readonly T[], write: (item: T) => void): this {
    this.u32(items.length)
    for (const item of items) write(item)
    return this
  }

  #reserve (more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more))
    grown.set(this.written)
    this.#bytes = grown
  }
}

const NEWLINE = 0x0a

/** Bytes that come in pieces, cut into lines, each with a prefix: so that the output of many stays readable. */
export class LinePrefix {
  readonly #prefix: Uint8Array
  #begun: Uint8Array = new Uint8Array()

  constructor (prefix: string) {
    this.#prefix = Buffer.from(prefix)
  }

  /** The lines that are whole now. */
  take (bytes: Uint8Array): Uint8Array {
    const end = bytes.lastIndexOf(NEWLINE)
    const whole = Buffer.concat([this.#begun, bytes.subarray(0, end + 1)])
    if (end === -1) {
      this.#begun = Buffer.concat([this.#begun, bytes])
      return new Uint8Array()
    }
    this.#begun = bytes.slice(end + 1)
    return this.#prefixed(whole)
  }

  /** The line that was begun and never ended, with a newline; nothing where there is none. */
  rest (): Uint8Array {
    if (this.#begun.length === 0) return this.#begun
    const last = Buffer.concat([this.#begun, Uint8Array.of(NEWLINE)])
    this.#begun = new Uint8Array()
    return this.#prefixed(last)
  }

  #prefixed (lines: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = []
    for (let at = 0; at < lines.length;) {
      const end = lines.indexOf(NEWLINE, at) + 1
      parts.push(this.#prefix, lines.subarray(at, end))
      at = end
    }
    return Buffer.concat(parts)
  }
}

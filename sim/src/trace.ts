import type { Digest } from '@welkin/interface'

const BLOCK_CHARACTERS = 1 << 16

/** What happened in a run, line by line, folded into one hash: two runs are alike when their hashes are. */
export class Trace {
  readonly #digest: Digest
  readonly #encoder = new TextEncoder()
  #block = ''
  #lines = 0

  constructor (digest: Digest) {
    this.#digest = digest
  }

  get lines (): number {
    return this.#lines
  }

  add (line: string): void {
    this.#lines++
    this.#block += `${line}\n`
    if (this.#block.length >= BLOCK_CHARACTERS) this.#flush()
  }

  /** 64 hexadecimal digits; afterwards the trace is closed. */
  hash (): string {
    this.#flush()
    return [...this.#digest.done()].map(byte => byte.toString(16).padStart(2, '0')).join('')
  }

  #flush (): void {
    this.#digest.update(this.#encoder.encode(this.#block))
    this.#block = ''
  }
}

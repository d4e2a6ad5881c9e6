import { concatBytes } from '@welkin/async/bytes'

/** Standard input that has come and was not read yet. */
export class InputQueue {
  #pieces: Uint8Array[] = []
  #ended = true

  constructor (state: { bytes?: Uint8Array, ended?: boolean } = {}) {
    if (state.bytes !== undefined && state.bytes.length > 0) this.#pieces.push(state.bytes)
    this.#ended = state.ended ?? false
  }

  get ended (): boolean {
    return this.#ended
  }

  get bytes (): number {
    return this.#pieces.reduce((sum, { length }) => sum + length, 0)
  }

  /** Whether a read would not wait. */
  get isReady (): boolean {
    return this.#ended || this.#pieces.length > 0
  }

  add (bytes: Uint8Array): void {
    if (bytes.length > 0) this.#pieces.push(bytes)
  }

  end (): void {
    this.#ended = true
  }

  take (into: Uint8Array): number {
    let done = 0
    while (done < into.length) {
      const first = this.#pieces[0]
      if (first === undefined) break
      const part = first.subarray(0, into.length - done)
      into.set(part, done)
      done += part.length
      if (part.length === first.length) this.#pieces.shift()
      else this.#pieces[0] = first.subarray(part.length)
    }
    return done
  }

  /** What there is, to be kept. */
  peek (): Uint8Array {
    return concatBytes(this.#pieces)
  }
}

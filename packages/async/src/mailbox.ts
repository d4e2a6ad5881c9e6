import type { CloudError } from '@welkin/interface'

/**
 * Values from one side to one reader on the other, in order, unbounded: whoever puts bounds it.
 * Ends after `end` when all has been read, or at once after `fail`.
 */
export class Mailbox<T> implements AsyncIterable<T> {
  readonly #values: T[] = []
  #wake: (() => void) | undefined
  #ended = false
  #failure: CloudError | undefined

  get size (): number {
    return this.#values.length
  }

  put (value: T): void {
    if (this.#ended || this.#failure !== undefined) return
    this.#values.push(value)
    this.#wake?.()
  }

  end (): void {
    this.#ended = true
    this.#wake?.()
  }

  fail (error: CloudError): void {
    this.#failure ??= error
    this.#values.length = 0
    this.#wake?.()
  }

  /** The next value, or undefined at the end. */
  async take (): Promise<T | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      if (this.#values.length > 0) return this.#values.shift()
      if (this.#ended) return undefined
      await new Promise<void>(resolve => { this.#wake = resolve })
      this.#wake = undefined
    }
  }

  async * [Symbol.asyncIterator] (): AsyncGenerator<T> {
    for (;;) {
      const value = await this.take()
      if (value === undefined) return
      yield value
    }
  }
}

import { onAbort, throwIfAborted, type AbortOptions } from '@welkin/interface'

/** Lets at most `width` pieces of work run at a time; the others wait in the order of their coming. */
export class Gate {
  readonly #waiting: Array<() => void> = []
  #free: number

  constructor (width: number) {
    this.#free = width
  }

  /** How many wait now. */
  get waiting (): number {
    return this.#waiting.length
  }

  async run<T> (work: () => Promise<T>, { signal }: AbortOptions = {}): Promise<T> {
    throwIfAborted(signal)
    if (this.#free > 0) this.#free--
    else await this.#turn(signal)
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }

  async #turn (signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        ignoreAbort()
        resolve()
      }
      const ignoreAbort = onAbort(signal, reason => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1)
        reject(reason)
      })
      this.#waiting.push(enter)
    })
  }
}

import { onAbort, throwIfAborted, type AbortOptions, type Cancel } from '@welkin/interface'

/** Has others wait while something must not be touched. */
export class Hold {
  readonly #waiting = new Set<() => void>()
  #holders = 0

  get isHeld (): boolean {
    return this.#holders > 0
  }

  /** Until that is called; a second call of it does nothing. */
  begin (): Cancel {
    this.#holders++
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      this.#holders--
      if (this.#holders > 0) return
      const waiting = [...this.#waiting]
      for (const go of waiting) go()
    }
  }

  /** Resolves when nobody holds it. */
  async over ({ signal }: AbortOptions = {}): Promise<void> {
    throwIfAborted(signal)
    while (this.#holders > 0) {
      await new Promise<void>((resolve, reject) => {
        const done = (): void => {
          this.#waiting.delete(done)
          ignoreAbort()
          resolve()
        }
        const ignoreAbort = onAbort(signal, reason => {
          this.#waiting.delete(done)
          reject(reason)
        })
        this.#waiting.add(done)
      })
    }
  }
}

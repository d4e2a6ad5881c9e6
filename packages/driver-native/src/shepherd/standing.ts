/** A timer takes no more than this. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** Whether a task is to stand still: since it is held, or since its leash has run out. */
export class Standing {
  readonly #send: (signal: 'SIGSTOP' | 'SIGCONT') => Promise<void>
  #held = false
  #lapsed = false
  #stopped = false
  #leash: NodeJS.Timeout | undefined

  /** `send`: to all its processes. */
  constructor (send: (signal: 'SIGSTOP' | 'SIGCONT') => Promise<void>) {
    this.#send = send
  }

  get isStill (): boolean {
    return this.#stopped
  }

  async hold (): Promise<void> {
    this.#held = true
    await this.#follow()
  }

  async release (): Promise<void> {
    this.#held = false
    await this.#follow()
  }

  /** For so long it may run; and again with each call. */
  async leash (forMs: number): Promise<void> {
    clearTimeout(this.#leash)
    this.#leash = setTimeout(() => {
      this.#lapsed = true
      void this.#follow()
    }, Math.min(forMs, TIMER_MS_MAX))
    this.#lapsed = false
    await this.#follow()
  }

  /** The task has ended. */
  end (): void {
    clearTimeout(this.#leash)
  }

  async #follow (): Promise<void> {
    const stop = this.#held || this.#lapsed
    if (stop === this.#stopped) return
    this.#stopped = stop
    await this.#send(stop ? 'SIGSTOP' : 'SIGCONT')
  }
}

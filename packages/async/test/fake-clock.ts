import type { Clock } from '@welkin/interface'

/** A clock that a test moves by hand. */
export class FakeClock implements Clock {
  nowMs = 0
  #timers: Array<{ dueMs: number, callback: () => void }> = []

  monotonicMs (): number {
    return this.nowMs
  }

  wallMs (): number {
    return this.nowMs
  }

  after (delayMs: number, callback: () => void) {
    const timer = { dueMs: this.nowMs + delayMs, callback }
    this.#timers.push(timer)
    return () => { this.#timers = this.#timers.filter(other => other !== timer) }
  }

  get pending (): number {
    return this.#timers.length
  }

  /** Lets `ms` pass, timer by timer, with promises settled between them. */
  async pass (ms: number): Promise<void> {
    const endMs = this.nowMs + ms
    for (;;) {
      await new Promise<void>(resolve => { setImmediate(resolve) })
      const next = this.#timers.filter(({ dueMs }) => dueMs <= endMs).toSorted((a, b) => a.dueMs - b.dueMs)[0]
      if (next === undefined) break
      this.#timers = this.#timers.filter(other => other !== next)
      this.nowMs = Math.max(this.nowMs, next.dueMs)
      next.callback()
    }
    this.nowMs = endMs
  }
}

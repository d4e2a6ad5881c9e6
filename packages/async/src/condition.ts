/** A condition variable: who waits is woken at every change, and looks for himself whether it is the one he wants. */
export class Condition {
  #waiting: Array<() => void> = []

  /** Resolves at the next change. */
  async wait (): Promise<void> {
    await new Promise<void>(resolve => { this.#waiting.push(resolve) })
  }

  notifyAll (): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

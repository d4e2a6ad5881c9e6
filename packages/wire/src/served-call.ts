import { CloudError, type Cancel, type Clock, type Incoming } from '@welkin/interface'

/** What a handler learns of the call that it answers; who asks is known to whoever holds the connection. */
export type Call = Omit<Incoming, 'peer'>

/**
 * A call that the other end made. The signal and its timer come into being when a handler first looks at them: most
 * never do, and they would be the dearest part of a small request.
 */
export class ServedCall implements Call {
  readonly timeoutMs: number | undefined
  readonly #clock: Clock
  readonly #deadlineMs: number
  #controller: AbortController | undefined
  #reason: CloudError | undefined
  #cancelTimer: Cancel | undefined

  constructor (clock: Clock, timeoutMs: number | undefined) {
    this.#clock = clock
    this.timeoutMs = timeoutMs
    this.#deadlineMs = timeoutMs === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() + timeoutMs
  }

  get signal (): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal
    this.#controller = new AbortController()
    if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    else if (this.timeoutMs !== undefined) this.#armTimer()
    return this.#controller.signal
  }

  /** Whether the caller has given up; then it takes no answer. */
  get aborted (): boolean {
    return this.#reason !== undefined
  }

  abort (reason: CloudError): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    this.done()
    this.#controller?.abort(reason)
  }

  /** The handler has answered. */
  done (): void {
    this.#cancelTimer?.()
  }

  #armTimer (): void {
    this.#cancelTimer = this.#clock.after(Math.max(0, this.#deadlineMs - this.#clock.monotonicMs()), () => {
      this.abort(new CloudError('ETIMEDOUT', 'The caller waits no longer.'))
    })
  }
}

import { setMaxListeners } from 'node:events'
import { CloudError } from '@welkin/interface'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const FOREVER_MS = 2 ** 31 - 1

/**
 * The user's wish to end: Ctrl-C, or a signal that asks for it, aborts `signal` and no longer ends this process by
 * itself. A second one does, at once. Keeps the process up until it is disposed of.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController()
  readonly #heartbeat = setInterval(() => {}, FOREVER_MS)
  readonly #onSignal = (): void => {
    if (this.signal.aborted) process.exit(130)
    this.#controller.abort(new CloudError('ECANCELED', 'It was interrupted.'))
  }

  constructor () {
    // As many wait for it as there are calls in flight.
    setMaxListeners(0, this.signal)
    for (const name of SIGNALS) process.on(name, this.#onSignal)
  }

  get signal (): AbortSignal {
    return this.#controller.signal
  }

  /** Resolves when the wish has come. */
  async wait (): Promise<void> {
    if (this.signal.aborted) return
    await new Promise(resolve => { this.signal.addEventListener('abort', resolve, { once: true }) })
  }

  [Symbol.dispose] (): void {
    clearInterval(this.#heartbeat)
    for (const name of SIGNALS) process.off(name, this.#onSignal)
  }
}

import { CloudError, isCloudError, onAbort, throwIfAborted, type AbortOptions } from '@welkin/interface'

interface Running<T> { outcome: Promise<T>, waiting: number, end: AbortController }

/**
 * Work that is done once for all who ask for it meanwhile. Each waits as long as its own signal allows; the signal of
 * the work is aborted when nobody waits any more.
 */
export class SharedWork<T> {
  readonly #running = new Map<string, Running<T>>()

  /** The outcome of the work that goes on under `key`, or of `work`, begun now. */
  async join (key: string, work: (signal: AbortSignal) => Promise<T>, { signal }: AbortOptions = {}): Promise<T> {
    throwIfAborted(signal)
    const running = this.#running.get(key) ?? this.#begin(key, work)
    running.waiting++
    try {
      return await unlessAborted(running.outcome, signal)
    } finally {
      if (--running.waiting === 0) this.#end(key, running)
    }
  }

  #begin (key: string, work: (signal: AbortSignal) => Promise<T>): Running<T> {
    const end = new AbortController()
    const running: Running<T> = { outcome: work(end.signal), waiting: 0, end }
    this.#running.set(key, running)
    running.outcome.catch((error: unknown) => {
      // Nobody else would hear of a bug.
      if (running.waiting === 0 && !isCloudError(error)) throw error
    })
    return running
  }

  #end (key: string, running: Running<T>): void {
    if (this.#running.get(key) === running) this.#running.delete(key)
    running.end.abort(new CloudError('ECANCELED', 'Nobody waits for it any more.'))
  }
}

async function unlessAborted<T> (outcome: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  let cancel = (): void => {}
  const aborted = new Promise<never>((_resolve, reject) => { cancel = onAbort(signal, reject) })
  try {
    return await Promise.race([outcome, aborted])
  } finally {
    cancel()
  }
}

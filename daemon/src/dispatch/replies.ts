import { CloudError, isCloudError, onAbort, throwIfAborted } from '@welkin/interface'

/** A call that was executed, or is being executed, and who waits for it. */
interface Entry {
  readonly name: string
  readonly reply: Promise<Uint8Array>
  /** Aborted when nobody waits any more. */
  readonly controller: AbortController
  waiting: number
  /** Undefined while it runs. */
  bytes: number | undefined
}

export interface RepliesBounds { entriesMax: number, bytesMax: number }

/** Refusals that may pass: the same request may be tried again under the same id. */
const PASSING = ['EAGAIN', 'ECANCELED', 'ETIMEDOUT', 'ECONNRESET', 'EHOSTDOWN', 'EHOSTUNREACH', 'ENOSPC'] as const

/**
 * Remembers the replies to calls that must be executed once, by caller and request id. A repeat gets the first reply,
 * also while that is still being made; the execution is given up only when nobody waits for it any more. The oldest
 * replies are forgotten first, those still being made never.
 */
export class Replies {
  readonly #entries = new Map<string, Entry>()
  readonly #bounds: RepliesBounds
  #bytes = 0

  constructor (bounds: RepliesBounds) {
    this.#bounds = bounds
  }

  /** Rejects EINVAL when the key was used for a call of another name, ECANCELED or the like when `signal` aborts. */
  async once (
    key: string, name: string, signal: AbortSignal, execute: (signal: AbortSignal) => Promise<Uint8Array>
  ): Promise<Uint8Array> {
    throwIfAborted(signal)
    const entry = this.#entries.get(key) ?? this.#begin(key, name, execute)
    if (entry.name !== name) {
      throw new CloudError('EINVAL', `This request id was used for ${entry.name}; draw a new one for each call.`)
    }
    return await this.#wait(entry, signal)
  }

  #begin (key: string, name: string, execute: (signal: AbortSignal) => Promise<Uint8Array>): Entry {
    const controller = new AbortController()
    const entry: Entry = { name, reply: execute(controller.signal), controller, waiting: 0, bytes: undefined }
    this.#entries.set(key, entry)
    entry.reply.then(reply => { this.#settled(entry, reply.byteLength) }, (error: unknown) => {
      this.#settled(entry, 0)
      const passes = !isCloudError(error) || isCloudError(error, ...PASSING)
      if (passes && this.#entries.get(key) === entry) this.#forget(key, entry)
    })
    return entry
  }

  async #wait (entry: Entry, signal: AbortSignal): Promise<Uint8Array> {
    entry.waiting++
    let ignoreAbort = (): void => {}
    try {
      return await Promise.race([entry.reply, new Promise<never>((_resolve, reject) => {
        ignoreAbort = onAbort(signal, reject)
      })])
    } finally {
      ignoreAbort()
      entry.waiting--
      if (entry.waiting === 0 && entry.bytes === undefined) {
        entry.controller.abort(new CloudError('ECANCELED', 'Nobody waits for the answer any more.'))
      }
    }
  }

  #settled (entry: Entry, bytes: number): void {
    entry.bytes = bytes
    this.#bytes += bytes
    for (const [key, old] of this.#entries) {
      if (this.#entries.size <= this.#bounds.entriesMax && this.#bytes <= this.#bounds.bytesMax) return
      if (old.bytes !== undefined) this.#forget(key, old)
    }
  }

  #forget (key: string, entry: Entry): void {
    this.#entries.delete(key)
    this.#bytes -= entry.bytes ?? 0
  }
}

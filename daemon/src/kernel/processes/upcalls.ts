import { CloudError, reviveError, throwIfAborted, abortReason, type Cancel, type ErrorRecord, type ObjectId } from '@welkin/interface'

interface Registration {
  signals: ReadonlySet<string>
  send: (upcall: { number: number, signal: string }) => void
  pending: Map<number, { resolve: () => void, reject: (error: CloudError) => void }>
}

/** The handlers that objects have registered, which is the paper's "system call handler": calls the other way. */
export class Upcalls {
  readonly #registrations = new Map<ObjectId, Registration>()
  #number = 0

  /** One registration an object. Rejects EBUSY for a second. What is pending when it is cancelled fails with ECONNRESET. */
  register (object: ObjectId, signals: readonly string[], send: Registration['send']): Cancel {
    if (this.#registrations.has(object)) {
      throw new CloudError('EBUSY', 'This object has a handler already; end that one first.', { fields: { object } })
    }
    const registration: Registration = { signals: new Set(signals), send, pending: new Map() }
    this.#registrations.set(object, registration)
    return () => {
      this.#registrations.delete(object)
      for (const { reject } of registration.pending.values()) reject(new CloudError('ECONNRESET', 'The object has dropped its handler.'))
    }
  }

  handles (object: ObjectId, signal: string): boolean {
    return this.#registrations.get(object)?.signals.has(signal) === true
  }

  /** Resolves when the handler says that it is done; rejects with what it says instead. */
  async deliver (object: ObjectId, signal: string, abort: AbortSignal): Promise<void> {
    throwIfAborted(abort)
    const registration = this.#registrations.get(object)
    if (registration === undefined) throw new CloudError('ESRCH', 'The object has no handler.', { fields: { object } })
    const number = ++this.#number
    try {
      await new Promise<void>((resolve, reject) => {
        registration.pending.set(number, { resolve, reject })
        abort.addEventListener('abort', () => reject(abortReason(abort)), { once: true })
        registration.send({ number, signal })
      })
    } finally {
      registration.pending.delete(number)
    }
  }

  /** What the handler answers; an answer to nothing is ignored. */
  answer (object: ObjectId, number: number, error: ErrorRecord | undefined): void {
    const waiting = this.#registrations.get(object)?.pending.get(number)
    if (error === undefined) waiting?.resolve()
    else waiting?.reject(reviveError(error))
  }
}

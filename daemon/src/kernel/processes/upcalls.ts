import {
  CloudError, onAbort, reviveError, throwIfAborted, type Cancel, type ErrorRecord, type ObjectId
} from '@welkin/interface'

const PENDING_MAX = 1000

interface Registration {
  signals: ReadonlySet<string>
  send: (upcall: { number: number, signal: string }) => void
  /** Tells the handler's call that there is nothing more to come. */
  end: () => void
  pending: Map<number, { resolve: () => void, reject: (error: CloudError) => void }>
}

/** The handlers that objects have registered, which is the paper's "system call handler": calls the other way. */
export class Upcalls {
  readonly #registrations = new Map<ObjectId, Registration>()
  #number = 0

  /** One registration an object. Rejects EBUSY for a second. What is pending at its cancellation gets ECONNRESET. */
  register (object: ObjectId, signals: readonly string[], { send, end }: Pick<Registration, 'send' | 'end'>): Cancel {
    if (this.#registrations.has(object)) {
      throw new CloudError('EBUSY', 'This object has a handler already; end that one first.', { fields: { object } })
    }
    const registration: Registration = { signals: new Set(signals), send, end, pending: new Map() }
    this.#registrations.set(object, registration)
    return () => {
      if (this.#registrations.get(object) === registration) this.#registrations.delete(object)
      const error = new CloudError('ECONNRESET', 'The object has dropped its handler.', { fields: { object } })
      for (const { reject } of registration.pending.values()) reject(error)
    }
  }

  /** The object has ended, and with it its handler. */
  drop (object: ObjectId): void {
    this.#registrations.get(object)?.end()
    this.#registrations.delete(object)
  }

  handles (object: ObjectId, signal: string): boolean {
    return this.#registrations.get(object)?.signals.has(signal) === true
  }

  /** Resolves when the handler says that it is done; rejects with what it says instead. */
  async deliver (object: ObjectId, signal: string, abort: AbortSignal): Promise<void> {
    throwIfAborted(abort)
    const registration = this.#registrations.get(object)
    if (registration === undefined) throw new CloudError('ESRCH', 'The object has no handler.', { fields: { object } })
    if (registration.pending.size >= PENDING_MAX) {
      throw new CloudError('EAGAIN', 'The object does not answer its signals; try again later.', { fields: { object } })
    }
    const number = ++this.#number
    let ignoreAbort: Cancel = () => {}
    try {
      await new Promise<void>((resolve, reject) => {
        registration.pending.set(number, { resolve, reject })
        ignoreAbort = onAbort(abort, reject)
        registration.send({ number, signal })
      })
    } finally {
      ignoreAbort()
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

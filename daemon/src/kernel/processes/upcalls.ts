import {
  CloudError, onAbort, reviveError, throwIfAborted, type Cancel, type ErrorRecord, type GivenState, type ObjectId
} from '@welkin/interface'
import type { ReplyOf } from '@welkin/syscalls'

const PENDING_MAX = 1000

type Upcall = ReplyOf<'handle'>
type Answer = GivenState & { error?: ErrorRecord | undefined }

interface Registration {
  signals: ReadonlySet<string>
  send: (upcall: Upcall) => void
  /** Tells the handler's call that there is nothing more to come. */
  end: () => void
  pending: Map<number, { resolve: (answer: Answer) => void, reject: (error: CloudError) => void }>
}

/** The handlers that objects have registered, which is the paper's "system call handler": calls the other way. */
export class Upcalls {
  readonly #registrations = new Map<ObjectId, Registration>()
  /** Called at each registration. */
  readonly #waiting = new Set<() => void>()
  #number = 0

  /** One registration an object. Rejects EBUSY for a second. What is pending at its cancellation gets ECONNRESET. */
  register (object: ObjectId, signals: readonly string[], { send, end }: Pick<Registration, 'send' | 'end'>): Cancel {
    if (this.#registrations.has(object)) {
      throw new CloudError('EBUSY', 'This object has a handler already; end that one first.', { fields: { object } })
    }
    const registration: Registration = { signals: new Set(signals), send, end, pending: new Map() }
    this.#registrations.set(object, registration)
    for (const look of this.#waiting) look()
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

  /** Resolves as soon as there is a handler for it. Rejects as `abort` does. */
  async whenHandled (object: ObjectId, signal: string, abort: AbortSignal): Promise<void> {
    throwIfAborted(abort)
    if (this.handles(object, signal)) return
    const cancels: Cancel[] = []
    try {
      await new Promise<void>((resolve, reject) => {
        const look = (): void => { if (this.handles(object, signal)) resolve() }
        this.#waiting.add(look)
        cancels.push(() => { this.#waiting.delete(look) }, onAbort(abort, reject))
      })
    } finally {
      for (const cancel of cancels) cancel()
    }
  }

  /**
   * Resolves when the handler says that it is done; rejects with what it says instead. `stop`: from then on it stands
   * still until it is told to resume.
   */
  async deliver (object: ObjectId, signal: string, abort: AbortSignal, { stop = false } = {}): Promise<Answer> {
    throwIfAborted(abort)
    const registration = this.#registrations.get(object)
    if (registration === undefined) throw new CloudError('ESRCH', 'The object has no handler.', { fields: { object } })
    if (registration.pending.size >= PENDING_MAX) {
      throw new CloudError('EAGAIN', 'The object does not answer its signals; try again later.', { fields: { object } })
    }
    const number = ++this.#number
    let ignoreAbort: Cancel = () => {}
    try {
      return await new Promise<Answer>((resolve, reject) => {
        registration.pending.set(number, { resolve, reject })
        ignoreAbort = onAbort(abort, reject)
        registration.send({ number, signal, ...stop ? { stop } : {} })
      })
    } finally {
      ignoreAbort()
      registration.pending.delete(number)
    }
  }

  /** Tells the handler, where there is one, and waits for no answer. */
  tell (object: ObjectId, signal: string): void {
    this.#registrations.get(object)?.send({ number: ++this.#number, signal })
  }

  /** What the handler answers; an answer to nothing is ignored. */
  answer (object: ObjectId, number: number, answer: Answer): void {
    const waiting = this.#registrations.get(object)?.pending.get(number)
    if (answer.error === undefined) waiting?.resolve(answer)
    else waiting?.reject(reviveError(answer.error))
  }
}

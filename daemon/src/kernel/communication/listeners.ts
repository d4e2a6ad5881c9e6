import { Mailbox } from '@welkin/async'
import {
  CloudError, onAbort, throwIfAborted, toHex, type Cancel, type Channel, type Clock, type ObjectId, type Random
} from '@welkin/interface'

/** One who has dialled and waits to be accepted. */
interface Waiting {
  id: string
  object: ObjectId
  accept: (accepted: Accepted) => void
  refuse: (error: CloudError) => void
}

/** What an object has accepted. */
export interface Accepted { channel: Channel, isOver: () => void }

/** One who has dialled; `session`: what he says is numbered, and `again`: the object knows it from before. */
export interface Call { connection: string, from: string, session?: string, again?: boolean }

interface Listener { waiting: Set<Waiting>, news: Mailbox<Call>, isResumable: boolean }

export interface ListenersBounds { acceptMs: number, backlogMax: number }

/** Who listens by system calls, and those who wait to be accepted. */
export class Listeners {
  readonly #clock: Clock
  readonly #random: Random
  readonly #bounds: ListenersBounds
  readonly #listeners = new Map<string, Listener>()
  readonly #waiting = new Map<string, Waiting>()

  constructor (clock: Clock, random: Random, bounds: ListenersBounds) {
    this.#clock = clock
    this.#random = random
    this.#bounds = bounds
  }

  /** Each who dials is an item, until `signal` is aborted or the object has ended. */
  async * listen (
    object: ObjectId, port: string, isResumable: boolean, signal: AbortSignal
  ): AsyncGenerator<Call> {
    const key = keyOf(object, port)
    const listener: Listener = { waiting: new Set(), news: new Mailbox(), isResumable }
    this.#listeners.set(key, listener)
    const ignoreAbort = onAbort(signal, () => { listener.news.end() })
    try {
      yield * listener.news
    } finally {
      ignoreAbort()
      if (this.#listeners.get(key) === listener) this.#listeners.delete(key) // it may be back already
      for (const { refuse } of listener.waiting) refuse(refused(object, port))
    }
  }

  /** Whether the object itself goes on with conversations, since what it knows of them is its own. */
  isResumable (object: ObjectId, port: string): boolean {
    return this.#listeners.get(keyOf(object, port))?.isResumable === true
  }

  /** The object is here no more. */
  drop (object: ObjectId): void {
    for (const [key, { news }] of this.#listeners) if (key.startsWith(`${object} `)) news.end()
  }

  /**
   * Resolves when the object accepts who calls. Rejects ECONNREFUSED where it does not listen, EAGAIN where too many
   * wait, ETIMEDOUT where it does not accept.
   */
  async offer (
    object: ObjectId, port: string, call: Omit<Call, 'connection'>, signal: AbortSignal
  ): Promise<Accepted> {
    throwIfAborted(signal)
    const listener = this.#listeners.get(keyOf(object, port))
    if (listener === undefined) throw refused(object, port)
    if (Math.max(listener.waiting.size, listener.news.size) >= this.#bounds.backlogMax) {
      const message = `Object ${object} has ${this.#bounds.backlogMax} connections to accept already; try again later.`
      throw new CloudError('EAGAIN', message, { fields: { object, port } })
    }
    const id = toHex(this.#random.bytes(16))
    let ignoreAbort: Cancel = () => {}
    let cancelTimer: Cancel = () => {}
    let waiting: Waiting | undefined
    const accepted = new Promise<Accepted>((resolve, reject) => {
      waiting = { id, object, accept: resolve, refuse: reject }
      listener.waiting.add(waiting)
      this.#waiting.set(id, waiting)
      ignoreAbort = onAbort(signal, reject)
      cancelTimer = this.#clock.after(this.#bounds.acceptMs, () => {
        reject(new CloudError('ETIMEDOUT', `Object ${object} did not accept in time.`, { fields: { object, port } }))
      })
    })
    listener.news.put({ connection: id, ...call })
    try {
      return await accepted
    } finally {
      ignoreAbort()
      cancelTimer()
      listener.waiting.delete(waiting as unknown as Waiting)
      this.#waiting.delete(id)
    }
  }

  /** Hands the channel to whoever waits; resolves when the conversation is over. Rejects ENOENT. */
  async accept (object: ObjectId, connection: string, channel: Channel): Promise<void> {
    const waiting = this.#waiting.get(connection)
    if (waiting?.object !== object) {
      throw new CloudError('ENOENT', 'Whoever dialled waits no longer, or was accepted before.')
    }
    this.#waiting.delete(connection)
    await new Promise<void>(resolve => { waiting.accept({ channel, isOver: resolve }) })
  }
}

function keyOf (object: ObjectId, port: string): string {
  return `${object} ${port}`
}

function refused (object: ObjectId, port: string): CloudError {
  return new CloudError('ECONNREFUSED', `Object ${object} does not listen on "${port}" now.`, {
    fields: { object, port }
  })
}

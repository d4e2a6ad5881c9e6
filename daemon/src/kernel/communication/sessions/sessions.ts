import {
  CloudError, type ByteStream, type Cancel, type Channel, type Clock, type ObjectId
} from '@welkin/interface'
import type { Conversation } from '@welkin/resumable'
import { joined } from './joined.ts'

export interface SessionsBounds {
  /** How long a session is kept without a connection, milliseconds. */
  graceMs: number
  sessionsMax: number
}

interface Kept {
  readonly id: string
  readonly object: ObjectId
  readonly running: Conversation
  cancelGrace: Cancel
}

/**
 * The ends of objects of this node that know nothing of sessions: kept for a while after their connections have broken.
 */
export class Sessions {
  readonly #clock: Clock
  readonly #bounds: SessionsBounds
  readonly #kept = new Map<string, Kept>()

  constructor (clock: Clock, bounds: SessionsBounds) {
    this.#clock = clock
    this.#bounds = bounds
  }

  /** Kept for a while, until a connection comes. Throws EAGAIN (too many), EEXIST. */
  begin ({ id, object }: { id: string, object: ObjectId }, local: ByteStream): Conversation {
    if (this.#kept.has(id)) throw new CloudError('EEXIST', 'There is a conversation of this id; draw another.')
    if (this.#kept.size >= this.#bounds.sessionsMax) {
      const message = `This node keeps ${this.#kept.size} resumable conversations already; try again later.`
      throw new CloudError('EAGAIN', message)
    }
    const kept: Kept = { id, object, running: joined(local), cancelGrace: () => {} }
    this.#kept.set(id, kept)
    this.#wait(kept)
    return kept.running
  }

  /** Goes on over this connection until that is of no more use. Rejects ENOENT. */
  async attach (id: string, object: ObjectId, connection: Channel): Promise<void> {
    const kept = this.#find(id, object)
    kept.cancelGrace()
    await kept.running.attach(connection)
    this.#wait(kept)
  }

  /** Throws ENOENT. */
  check (id: string, object: ObjectId): void {
    this.#find(id, object)
  }

  /** The object is here no more. */
  drop (object: ObjectId, why: CloudError): void {
    for (const kept of this.#kept.values()) {
      if (kept.object !== object) continue
      this.#forget(kept)
      kept.running.fail(why)
    }
  }

  close (): void {
    for (const kept of this.#kept.values()) kept.cancelGrace()
    this.#kept.clear()
  }

  // Its id is a secret of the two nodes, so that whoever knows it may go on with it.
  #find (id: string, object: ObjectId): Kept {
    const kept = this.#kept.get(id)
    if (kept?.object === object) return kept
    throw new CloudError('ENOENT', 'This conversation is over, or was given up.', { fields: { session: id } })
  }

  #wait (kept: Kept): void {
    kept.cancelGrace()
    if (kept.running.isConnected) return // over another
    // Also when it is over: the other end may not know that yet, and asks again.
    kept.cancelGrace = this.#clock.after(this.#bounds.graceMs, () => {
      this.#forget(kept)
      const message = `Nobody went on with this conversation for ${this.#bounds.graceMs} ms; it was given up.`
      kept.running.fail(new CloudError('ECONNRESET', message))
    })
  }

  #forget (kept: Kept): void {
    kept.cancelGrace()
    if (this.#kept.get(kept.id) === kept) this.#kept.delete(kept.id)
  }
}

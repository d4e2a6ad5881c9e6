import { CloudError, type ByteStream, type Channel, type Clock, type ObjectId } from '@welkin/interface'
import { isGivenUp, KeptConversations, type Conversation } from '@welkin/resumable'
import { joined } from './joined.ts'

export interface SessionsBounds {
  /** How long a session is kept without a connection, milliseconds. */
  graceMs: number
  sessionsMax: number
}

/**
 * The ends of objects of this node that know nothing of sessions: kept for a while after their connections have broken.
 */
export class Sessions {
  readonly #sessionsMax: number
  readonly #kept: KeptConversations<ObjectId>

  constructor (clock: Clock, { graceMs, sessionsMax }: SessionsBounds) {
    this.#sessionsMax = sessionsMax
    this.#kept = new KeptConversations(clock, graceMs)
  }

  /** Kept for a while, until a connection comes. Throws EAGAIN (too many), EEXIST. */
  begin ({ id, object }: { id: string, object: ObjectId }, local: ByteStream): Conversation {
    if (this.#kept.get(id) !== undefined) {
      throw new CloudError('EEXIST', 'There is a conversation of this id; draw another.')
    }
    if (this.#kept.size >= this.#sessionsMax) {
      const message = `This node keeps ${this.#kept.size} resumable conversations already; try again later.`
      throw new CloudError('EAGAIN', message)
    }
    const conversation = joined(local)
    this.#kept.add(id, object, conversation)
    return conversation
  }

  /** Goes on over this connection until that is of no more use. Rejects ENOENT. */
  async attach (id: string, object: ObjectId, connection: Channel): Promise<void> {
    this.check(id, object)
    await this.#kept.attach(id, connection)
  }

  knows (id: string, object: ObjectId): boolean {
    return this.#kept.get(id)?.about === object
  }

  /** Throws ENOENT. Its id is a secret of the two ends, so that whoever knows it may go on with it. */
  check (id: string, object: ObjectId): void {
    if (!this.knows(id, object)) throw isGivenUp(id)
  }

  /** The object is here no more. */
  drop (object: ObjectId, why: CloudError): void {
    for (const { about, id } of this.#kept.all()) if (about === object) this.#kept.drop(id, why)
  }

  close (): void {
    this.#kept.close()
  }
}

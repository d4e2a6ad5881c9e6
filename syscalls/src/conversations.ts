import type { ByteStream, Clock } from '@welkin/interface'
import { Conversation, isGivenUp, KeptConversations, type Kept, type SessionState } from '@welkin/resumable'
import { accept, listening, type Caller, type ListenOptions } from './dial.ts'

/** A conversation is given up when its connection has been broken for so long. */
const GRACE_MS = 60_000

/** Somebody who has dialled; `id`: as long as it goes on, or undefined, where the other end does not go on with it. */
export interface Dialled { id: string | undefined, from: string, stream: ByteStream }

/** All that is known of conversations: plain data, for the object's own state. */
export type ConversationsState = Array<{ id: string, from: string, session: SessionState }>

/**
 * Conversations of an object that go on where they were over broken connections, and wherever the object goes on from
 * a state of its own that has `state` in it: nothing is lost or doubled, measured by what was read of each stream and
 * sent on it at the moment of that state.
 */
export class Conversations {
  /** By who has dialled. */
  readonly #kept: KeptConversations<string>

  /** `state`: those to be gone on with; see `all`. */
  constructor ({ clock }: { clock: Pick<Clock, 'after'> }, state: ConversationsState = []) {
    this.#kept = new KeptConversations(clock, GRACE_MS)
    for (const { id, from, session } of state) this.#kept.add(id, from, new Conversation(session))
  }

  get state (): ConversationsState {
    return this.#going().map(({ id, about: from, conversation }) => ({ id, from, session: conversation.state }))
  }

  /** Those that go on now. */
  get all (): Dialled[] {
    return this.#going().map(({ id, about: from, conversation: stream }) => ({ id, from, stream }))
  }

  /**
   * Each who dials this port of the object that asks, and the conversation with it; those that go on after their
   * connection broke do so by themselves. Rejects EBUSY, EPERM.
   */
  async * listen (caller: Caller, port: string, options: ListenOptions = {}): AsyncGenerator<Dialled> {
    for await (const { connection, from, session: id, again } of listening(caller, port, true, options)) {
      const channel = accept(caller, connection, options)
      if (id === undefined) yield { id, from, stream: channel }
      else if (this.#kept.get(id) !== undefined) void this.#kept.attach(id, channel)
      else if (again === true) channel.fail(isGivenUp(id))
      else {
        const stream = new Conversation()
        this.#kept.add(id, from, stream)
        void this.#kept.attach(id, channel)
        yield { id, from, stream }
      }
    }
  }

  #going (): Array<Kept<string>> {
    return this.#kept.all().filter(({ conversation }) => !conversation.isOver)
  }
}

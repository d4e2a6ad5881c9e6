import { CloudError, type ByteStream, type Cancel, type Clock } from '@welkin/interface'
import { Conversation, type SessionState } from '@welkin/resumable'
import { accept, listening, type Caller, type ListenOptions } from './dial.ts'

const GRACE_MS = 60_000

export interface ConversationsOptions {
  clock: Pick<Clock, 'after'>
  /** A conversation is given up when its connection has been broken for so long, milliseconds. */
  graceMs?: number
}

/** Somebody who has dialled; `id`: as long as it goes on, or undefined, where the other end does not go on with it. */
export interface Dialled { id: string | undefined, from: string, stream: ByteStream }

/** All that is known of conversations: plain data, for the object's own state. */
export type ConversationsState = Array<{ id: string, from: string, session: SessionState }>

interface Known { from: string, conversation: Conversation, cancelGrace: Cancel }

/**
 * Conversations of an object that go on where they were over broken connections, and wherever the object goes on from
 * a state of its own that has `state` in it: nothing is lost or doubled, measured by what was read of each stream and
 * sent on it at the moment of that state.
 */
export class Conversations {
  readonly #options: Required<ConversationsOptions>
  readonly #known = new Map<string, Known>()

  /** `state`: those to be gone on with; see `all`. */
  constructor ({ clock, graceMs = GRACE_MS }: ConversationsOptions, state: ConversationsState = []) {
    this.#options = { clock, graceMs }
    for (const { id, from, session } of state) this.#begin(id, from, session)
  }

  get state (): ConversationsState {
    return this.#going().map(([id, { from, conversation }]) => ({ id, from, session: conversation.state }))
  }

  /** Those that go on now. */
  get all (): Dialled[] {
    return this.#going().map(([id, { from, conversation: stream }]) => ({ id, from, stream }))
  }

  /**
   * Each who dials this port of the object that asks, and the conversation with it; those that go on after their
   * connection broke do so by themselves. Rejects EBUSY, EPERM.
   */
  async * listen (caller: Caller, port: string, options: ListenOptions = {}): AsyncGenerator<Dialled> {
    for await (const { connection, from, session: id, again } of listening(caller, port, true, options)) {
      const channel = accept(caller, connection, options)
      const known = id === undefined ? undefined : this.#known.get(id)
      if (id === undefined) yield { id, from, stream: channel }
      else if (known === undefined && again === true) {
        channel.fail(new CloudError('ENOENT', 'This conversation was given up.', { fields: { session: id } }))
      } else {
        const { conversation } = known ?? this.#begin(id, from)
        void this.#attach(id, channel)
        if (known === undefined) yield { id, from, stream: conversation }
      }
    }
  }

  #going (): Array<[string, Known]> {
    return [...this.#known].filter(([, { conversation }]) => !conversation.isOver)
  }

  #begin (id: string, from: string, state?: SessionState): Known {
    const known: Known = { from, conversation: new Conversation(state), cancelGrace: () => {} }
    this.#known.set(id, known)
    this.#wait(id, known)
    return known
  }

  async #attach (id: string, channel: ByteStream): Promise<void> {
    const known = this.#known.get(id) as Known
    known.cancelGrace()
    await known.conversation.attach(channel)
    this.#wait(id, known)
  }

  #wait (id: string, known: Known): void {
    const { clock, graceMs } = this.#options
    known.cancelGrace()
    if (known.conversation.isConnected) return // over another
    // Also when it is over: the other end may not know that yet.
    known.cancelGrace = clock.after(graceMs, () => {
      this.#known.delete(id)
      known.conversation.fail(new CloudError(
        'ECONNRESET', `Nobody went on with this conversation for ${graceMs} ms; it was given up.`))
    })
  }
}

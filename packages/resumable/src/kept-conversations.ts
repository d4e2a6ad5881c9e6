import { CloudError, type Cancel, type Channel, type Clock } from '@welkin/interface'
import type { Conversation } from './conversation.ts'
import { isGivenUp } from './given-up.ts'

/** One end of a conversation, and what is known beside it. */
export interface Kept<About> { readonly id: string, readonly about: About, readonly conversation: Conversation }

interface Entry<About> extends Kept<About> { cancelGrace: Cancel }

/** Ends of conversations by their ids: each is given up when it has been without a connection for so long. */
export class KeptConversations<About> {
  readonly #clock: Pick<Clock, 'after'>
  readonly #graceMs: number
  readonly #entries = new Map<string, Entry<About>>()

  constructor (clock: Pick<Clock, 'after'>, graceMs: number) {
    this.#clock = clock
    this.#graceMs = graceMs
  }

  get size (): number {
    return this.#entries.size
  }

  get (id: string): Kept<About> | undefined {
    return this.#entries.get(id)
  }

  all (): Array<Kept<About>> {
    return [...this.#entries.values()]
  }

  /** Kept for a while, until a connection comes; its id must be new here. */
  add (id: string, about: About, conversation: Conversation): void {
    const entry: Entry<About> = { id, about, conversation, cancelGrace: () => {} }
    this.#entries.set(id, entry)
    this.#wait(entry)
  }

  /** Goes on over this connection until that is of no more use. Rejects ENOENT. */
  async attach (id: string, connection: Channel): Promise<void> {
    const entry = this.#entries.get(id)
    if (entry === undefined) throw isGivenUp(id)
    entry.cancelGrace()
    await entry.conversation.attach(connection)
    this.#wait(entry)
  }

  /** Gives it up; both ends learn why. */
  drop (id: string, why: CloudError): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) this.#giveUp(entry, why)
  }

  /** Forgets all, and tells nobody. */
  close (): void {
    for (const { cancelGrace } of this.#entries.values()) cancelGrace()
    this.#entries.clear()
  }

  #wait (entry: Entry<About>): void {
    entry.cancelGrace()
    const { id, conversation } = entry
    if (conversation.isConnected || this.#entries.get(id) !== entry) return // over another, or given up
    // Also when it is over: the other end may not know that yet, and asks again.
    entry.cancelGrace = this.#clock.after(this.#graceMs, () => {
      const message = `Nobody went on with this conversation for ${this.#graceMs} ms; it was given up.`
      this.#giveUp(entry, new CloudError('ECONNRESET', message))
    })
  }

  #giveUp (entry: Entry<About>, why: CloudError): void {
    entry.cancelGrace()
    this.#entries.delete(entry.id)
    entry.conversation.fail(why)
  }
}

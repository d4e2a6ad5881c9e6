import { Condition, Mailbox } from '@welkin/async'
import { CloudError, type Channel } from '@welkin/interface'
import { Conversation, isGivenUp } from '@welkin/resumable'
import type { ProgramConversations } from '../src/index.ts'

/** Bytes that are on their way over a channel at the most. */
const WAY_BYTES = 64 * 1024

/** One end of a channel: what it sends is read at the other; it waits while that does not read. */
export class End implements Channel {
  other!: End
  /** Bytes that were sent and have found room. */
  sentBytes = 0
  failure: CloudError | undefined
  readonly #come: Uint8Array[] = []
  #comeBytes = 0
  #hasEnded = false
  readonly #change = new Condition()

  static pair (): [End, End] {
    const [one, other] = [new End(), new End()]
    one.other = other
    other.other = one
    return [one, other]
  }

  async send (message: Uint8Array): Promise<void> {
    const there = this.other
    while (this.failure === undefined && there.#comeBytes >= WAY_BYTES) await there.#change.wait()
    if (this.failure !== undefined) throw this.failure
    this.sentBytes += message.byteLength
    there.#come.push(message)
    there.#comeBytes += message.byteLength
    there.#change.notifyAll()
  }

  async end (): Promise<void> {
    this.other.#hasEnded = true
    this.other.#change.notifyAll()
  }

  fail (error: CloudError): void {
    for (const end of [this, this.other]) {
      end.failure ??= error
      end.#change.notifyAll()
    }
  }

  async * [Symbol.asyncIterator] (): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.failure !== undefined) throw this.failure
      const message = this.#come.shift()
      if (message !== undefined) {
        this.#comeBytes -= message.byteLength
        this.#change.notifyAll()
        yield message
      } else if (this.#hasEnded) return
      else await this.#change.wait()
    }
  }
}

interface Calling { connection: string, from: string, session?: string, again?: boolean }

/** Who can be reached by a spec, and reaches it, in place of a node: programs of all drivers that are given it. */
export class Exchange implements ProgramConversations {
  readonly #ports = new Map<string, Mailbox<Calling>>()
  readonly #waiting = new Map<string, Channel>()
  readonly #change = new Condition()
  /** Sessions that programs have begun with a spec, by the port that was dialled. */
  readonly #begun = new Map<string, Conversation>()
  readonly dialled: string[] = []
  #count = 0

  async * listen (_object: string, port: string, { signal }: { signal?: AbortSignal | undefined }) {
    const calls = new Mailbox<Calling>()
    this.#ports.set(port, calls)
    this.#change.notifyAll()
    signal?.addEventListener('abort', () => {
      calls.end()
      if (this.#ports.get(port) === calls) this.#ports.delete(port)
    })
    yield * calls
  }

  accept (_object: string, connection: string): Channel {
    const channel = this.#waiting.get(connection) as Channel
    this.#waiting.delete(connection)
    return channel
  }

  async begin (_object: string, to: string, session: string) {
    this.dialled.push(to)
    if (to.startsWith('nobody')) throw new CloudError('ECONNREFUSED', 'Nobody listens there.')
    if (to.startsWith('never')) await new Promise(() => {})
    const conversation = new Conversation()
    this.#begun.set(session, conversation)
    this.#change.notifyAll()
    return { channel: this.#attach(conversation), object: '1'.repeat(32), port: to }
  }

  async goOn (_object: string, _reached: unknown, session: string): Promise<Channel> {
    const conversation = this.#begun.get(session)
    if (conversation === undefined) throw isGivenUp(session)
    return this.#attach(conversation)
  }

  /** The end of the first session that a program has begun. */
  async called (): Promise<Conversation> {
    for (;;) {
      const [first] = this.#begun.values()
      if (first !== undefined) return first
      await this.#change.wait()
    }
  }

  async untilListening (port: string): Promise<void> {
    while (!this.#ports.has(port)) await this.#change.wait()
  }

  get listened (): string[] {
    return [...this.#ports.keys()]
  }

  /** Dials a program without frames. */
  async dial (port: string): Promise<End> {
    return await this.#call(port, {})
  }

  /** Dials it so that it can be gone on with. */
  async begins (port: string): Promise<{ conversation: Conversation, goOn: () => Promise<End> }> {
    const conversation = new Conversation()
    const session = (++this.#count).toString(16).padStart(32, '5')
    const connect = async (again: boolean): Promise<End> => {
      const channel = await this.#call(port, { session, again })
      void conversation.attach(channel)
      return channel
    }
    await connect(false)
    return { conversation, goOn: async () => await connect(true) }
  }

  async #call (port: string, call: Partial<Calling>): Promise<End> {
    await this.untilListening(port)
    const [near, far] = End.pair()
    const connection = `connection-${++this.#count}`
    this.#waiting.set(connection, far)
    this.#ports.get(port)?.put({ connection, from: 'user:spec', ...call })
    return near
  }

  #attach (conversation: Conversation): Channel {
    const [near, far] = End.pair()
    void conversation.attach(near)
    return far
  }
}

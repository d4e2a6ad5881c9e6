import { pipeBothWays } from '@welkin/async'
import {
  CloudError, isCloudError, reviveError, toErrorRecord, type Cancel, type Channel, type Clock, type ErrorRecord,
  type Logger, type ObjectId, type Random
} from '@welkin/interface'
import { Conversation, reconnect } from '@welkin/resumable'
import type { ProgramConversations } from '../options.ts'
import type { Reached, TalkNews, TalkOrder } from '../wasi/talk/messages.ts'
import { Wire } from './wire.ts'

/** A conversation is given up when it has been broken off for so long. */
const GRACE_MS = 60_000

export interface SwitchboardPorts {
  clock: Clock
  log: Logger
  random: Random
  conversations: ProgramConversations | undefined
  /** Those that are in use. */
  open: Set<Switchboard>
}

/** `hasEnded`: all that the program says is said, and will be heard without it. */
interface Line { readonly wire: Wire, readonly channel: Channel, readonly hasEnded: () => boolean }
interface Listening { readonly end: AbortController, readonly over: Promise<void> }

/**
 * Connects a program's conversations, whose ends are its own, with those who have dialled it and whom it dials. Nothing
 * is known here of what is said, and nothing kept that a program would miss which goes on elsewhere.
 */
export class Switchboard {
  readonly #id: ObjectId
  readonly #ports: SwitchboardPorts
  readonly #tell: (news: TalkNews) => void
  readonly #listening = new Map<string, Listening>()
  readonly #dialling = new Map<number, AbortController>()
  readonly #lines = new Map<number, Line>()
  readonly #cancels = new Set<Cancel>()
  #nextWire = 1
  #isOver = false

  constructor (id: ObjectId, ports: SwitchboardPorts, tell: (news: TalkNews) => void) {
    this.#id = id
    this.#ports = ports
    this.#tell = news => { if (!this.#isOver) tell(news) }
    ports.open.add(this)
  }

  /** Does as the program says. */
  obey (order: TalkOrder): void {
    switch (order.do) {
      case 'listen': this.#listen(order.port); break
      case 'unlisten': this.#listening.get(order.port)?.end.abort(noMore()); break
      case 'dial': {
        const { conversation, session, to } = order
        void this.#dial(conversation, async signal => await this.#way.begin(this.#id, to, session, { signal }))
        break
      }
      case 'dial-again': {
        const { conversation, reached, session } = order
        void this.#dial(conversation, async signal => {
          return { ...reached, channel: await this.#dialAgain(reached, session, signal) }
        })
        break
      }
      case 'hang-up': this.#dialling.get(order.conversation)?.abort(noMore()); break
      case 'remind': this.#later(GRACE_MS, () => this.#tell({ kind: 'reminded', reminder: order.reminder })); break
      default: this.#obeyOn(this.#lines.get(order.wire), order)
    }
  }

  /** The program is here no more; what it has said to its end is still passed on. */
  end (): void {
    this.#stop()
    const gone = new CloudError('ECONNRESET', 'The program is here no more.')
    for (const line of this.#lines.values()) if (!line.hasEnded()) this.#drop(line, gone)
    if (this.#lines.size > 0) this.#later(GRACE_MS, () => this.close())
    else this.#ports.open.delete(this)
  }

  /** All is over at once. */
  close (): void {
    this.#stop()
    for (const line of this.#lines.values()) this.#drop(line, new CloudError('ECONNRESET', 'The daemon stops.'))
    this.#ports.open.delete(this)
  }

  #stop (): void {
    this.#isOver = true
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
    for (const { end } of this.#listening.values()) end.abort(noMore())
    for (const end of this.#dialling.values()) end.abort(noMore())
  }

  get #way (): ProgramConversations {
    if (this.#ports.conversations !== undefined) return this.#ports.conversations
    throw new CloudError('ENOSYS', 'This node has no conversations for programs.')
  }

  #listen (port: string): void {
    const end = new AbortController()
    const before = this.#listening.get(port)?.over
    const over = this.#hearCalls(port, before, end.signal).then(() => {
      if (this.#listening.get(port)?.end === end) this.#listening.delete(port)
    })
    this.#listening.set(port, { end, over })
  }

  async #hearCalls (port: string, before: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
    await before
    try {
      for await (const { again = false, connection, from, session } of this.#way.listen(this.#id, port, { signal })) {
        if (signal.aborted) return
        this.#join(this.#way.accept(this.#id, connection), session !== undefined, wire => {
          this.#tell({ kind: 'called', port, wire, from, session, again })
        })
      }
    } catch (error) {
      if (!signal.aborted) this.#tell({ kind: 'unheard', port, error: this.#recordOf(error) })
    }
  }

  async #dial (
    conversation: number, dial: (signal: AbortSignal) => Promise<Reached & { channel: Channel }>
  ): Promise<void> {
    const end = new AbortController()
    this.#dialling.set(conversation, end)
    try {
      const { channel, object, port } = await dial(end.signal)
      if (end.signal.aborted) return channel.fail(noMore())
      this.#join(channel, true, wire => {
        this.#tell({ kind: 'reached', conversation, wire, reached: { object, port } })
      })
    } catch (error) {
      if (!end.signal.aborted) this.#tell({ kind: 'unreached', conversation, error: this.#recordOf(error) })
    } finally {
      if (this.#dialling.get(conversation) === end) this.#dialling.delete(conversation)
    }
  }

  async #dialAgain (reached: Reached, session: string, signal: AbortSignal): Promise<Channel> {
    const { clock, log, random } = this.#ports
    const onFault = ({ code }: CloudError, tries: number): void => {
      log.debug('wasm.conversation_not_mended', { object: this.#id, tries, code })
    }
    const connect = async (): Promise<Channel> => await this.#way.goOn(this.#id, reached, session, { signal })
    return await reconnect({ clock, random, onFault }, connect, { graceMs: GRACE_MS, signal })
  }

  /**
   * Puts a wire to a channel, until either fails or all is said; the program is told of it first. Bytes that are in no
   * frames get some here.
   */
  #join (channel: Channel, speaksInFrames: boolean, tell: (wire: number) => void): void {
    const wire = new Wire(this.#nextWire++, this.#tell)
    tell(wire.number)
    const framing = speaksInFrames ? undefined : new Framing(channel)
    this.#lines.set(wire.number, { wire, channel, hasEnded: () => framing?.hasEnded ?? wire.hasEnded })
    const over = framing === undefined ? pipeBothWays(channel, wire, { duplex: true }) : framing.attach(wire)
    over.catch((error: unknown) => {
      if (!isCloudError(error)) this.#recordOf(error)
    }).finally(() => {
      this.#lines.delete(wire.number)
      if (this.#isOver && this.#lines.size === 0) this.close()
    })
  }

  #obeyOn (line: Line | undefined, order: Extract<TalkOrder, { wire: number }>): void {
    if (line === undefined) return
    switch (order.do) {
      case 'frame': line.wire.say(order.bytes); break
      case 'take': line.wire.take(order.bytes); break
      case 'end': line.wire.sayEnd(); break
      default: this.#drop(line, reviveError(order.error))
    }
  }

  #drop ({ channel, wire }: Line, error: CloudError): void {
    wire.drop(error)
    channel.fail(error)
  }

  #later (delayMs: number, act: () => void): void {
    const cancel = this.#ports.clock.after(delayMs, () => {
      this.#cancels.delete(cancel)
      act()
    })
    this.#cancels.add(cancel)
  }

  #recordOf (error: unknown): ErrorRecord {
    if (!isCloudError(error)) this.#ports.log.error('wasm.talk_failed', { object: this.#id, error: String(error) })
    return toErrorRecord(error)
  }
}

/** Puts the bytes of a channel that speaks in none into frames. */
class Framing {
  readonly #conversation = new Conversation()
  readonly #piped: Promise<void>

  constructor (channel: Channel) {
    this.#piped = pipeBothWays(channel, this.#conversation, { duplex: true })
  }

  get hasEnded (): boolean {
    return this.#conversation.isOtherEnded
  }

  /** Resolves when all is said and passed on. Rejects with why it broke off. */
  async attach (wire: Wire): Promise<void> {
    await Promise.all([this.#piped, this.#conversation.attach(wire).then(async () => await this.#leave())])
  }

  /** The program is gone, or needs it no more: what it has said to its end is passed on, and nothing more taken. */
  async #leave (): Promise<void> {
    if (this.#conversation.isOver) return
    if (this.hasEnded) await this.#conversation.end()
    else this.#conversation.fail(new CloudError('ECONNRESET', 'The program has broken the conversation off.'))
  }
}

function noMore (): CloudError {
  return new CloudError('ECANCELED', 'The program does not wait for it any more.')
}

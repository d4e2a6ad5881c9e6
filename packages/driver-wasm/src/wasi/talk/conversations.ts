import { CloudError, isCloudError, type ErrorRecord } from '@welkin/interface/errors'
import { DNS_LABEL } from '@welkin/interface/ids'
import { isGivenUp } from '@welkin/resumable/given-up'
import { Conversation, type ConversationFacts, type Origin } from './conversation.ts'
import type { TalkNews, Tell } from './messages.ts'

/** Conversations that go on at a time, and ports that are listened on. */
export const CONVERSATIONS_MAX = 128
export const LISTENERS_MAX = 32
/** With those that are over, and whose other ends may not know yet. */
export const KEPT_MAX = 1024
const TARGET_LENGTH_MAX = 320

/** A port that the program listens on; `isClosed`: no more, but those who have dialled it before may go on. */
export interface Listener { readonly port: string, isClosed: boolean, failure: ErrorRecord | undefined }

/**
 * A program's conversations and the ports on which it listens. All that is known of them is here, and so is of the same
 * moment as the program's memory; the daemon passes on what is said.
 */
export class Conversations {
  readonly #tell: Tell
  readonly #listeners = new Map<string, Listener>()
  readonly #all = new Map<number, Conversation>()
  readonly #byWire = new Map<number, Conversation>()
  /** Who is given up when that is told: it was broken off, or closed, and nothing was heard of it since. */
  readonly #reminders = new Map<number, { about: Conversation, acknowledgedBytes: number }>()
  #next = 1
  #nextReminder = 1

  constructor (tell: Tell) {
    this.#tell = tell
  }

  get listeners (): readonly Listener[] {
    return [...this.#listeners.values()]
  }

  get all (): readonly Conversation[] {
    return [...this.#all.values()]
  }

  /** The one that is being dialled. */
  get dialled (): Conversation | undefined {
    return this.all.find(({ facts: { isPending, origin } }) => isPending && origin.kind === 'dialled')
  }

  /** Of some that are closed the other end has not heard all. */
  get areHeldBack (): boolean {
    return this.all.some(({ facts, goesOn, session }) => facts.isClosed && goesOn && !session.isHeard)
  }

  /** Of some that are closed the other end has not ended. */
  get areOpen (): boolean {
    return this.all.some(({ facts, goesOn }) => facts.isClosed && goesOn)
  }

  /** Throws EINVAL, EBUSY, EAGAIN. */
  listen (port: string): Listener {
    if (!DNS_LABEL.test(port)) {
      throw new CloudError('EINVAL', `A port has a name of letters, digits and "-", such as "chat"; "${port}" is none.`)
    }
    const known = this.#listeners.get(port)
    if (known?.isClosed === false) {
      throw new CloudError('EBUSY', `The program listens on "${port}" already; close that first.`, { fields: { port } })
    }
    if (known === undefined && this.#listeners.size >= LISTENERS_MAX) {
      throw new CloudError('EAGAIN', `The program listens on ${LISTENERS_MAX} ports already; close one of them first.`)
    }
    if (known !== undefined && known.failure === undefined) {
      known.isClosed = false
      return known
    }
    const listener: Listener = { port, isClosed: false, failure: undefined }
    this.#listeners.set(port, listener)
    this.#tell({ do: 'listen', port })
    return listener
  }

  /** Those who wait to be accepted are refused. */
  unlisten (listener: Listener): void {
    listener.isClosed = true
    for (const conversation of this.#calledAt(listener.port)) {
      if (conversation.facts.isPending) this.#giveUp(conversation, refused(listener.port))
    }
    this.#unlistenUnused(listener.port)
  }

  /** Whether somebody has dialled. */
  isCalled (listener: Listener): boolean {
    return this.#calledAt(listener.port).some(({ facts }) => facts.isPending)
  }

  /** The first who has dialled. */
  accept (listener: Listener): Conversation | undefined {
    const first = this.#calledAt(listener.port).find(({ facts }) => facts.isPending)
    if (first !== undefined) first.facts.isPending = false
    return first
  }

  /** Begins to dial; `session`: 32 hexadecimal digits, never the same again. Throws EINVAL, EAGAIN. */
  dial (to: string, session: string): Conversation {
    if (to === '' || to.length > TARGET_LENGTH_MAX) {
      throw new CloudError('EINVAL', `To dial takes NAME:PORT, of ${TARGET_LENGTH_MAX} characters at the most.`)
    }
    if (this.#isFull) throw tooMany()
    const conversation = this.#begin(session, { kind: 'dialled', to, reached: undefined })
    this.#tell({ do: 'dial', conversation: conversation.facts.number, to, session })
    return conversation
  }

  /** The program lets go of it: what it has said still goes there, and nobody reads what comes. */
  close (conversation: Conversation): void {
    const { facts } = conversation
    if (facts.isPending && facts.origin.kind === 'dialled') this.#tell({ do: 'hang-up', conversation: facts.number })
    facts.isClosed = true
    if (facts.isPending || facts.failure !== undefined || facts.isFinished) return this.#remove(conversation)
    conversation.stopReading()
    conversation.end()
    this.#remind(conversation)
  }

  /** All are closed: the program has ended. */
  closeAll (): void {
    for (const listener of this.listeners) this.unlisten(listener)
    for (const conversation of this.all) if (!conversation.facts.isClosed) this.close(conversation)
  }

  hear (news: TalkNews): void {
    switch (news.kind) {
      case 'called': this.#called(news); break
      case 'unheard': {
        const listener = this.#listeners.get(news.port)
        if (listener !== undefined) listener.failure = news.error
        break
      }
      case 'reached': this.#reached(news); break
      case 'unreached': {
        const conversation = this.#all.get(news.conversation)
        if (conversation !== undefined) this.#fail(conversation, news.error)
        break
      }
      case 'reminded': {
        const reminder = this.#reminders.get(news.reminder)
        if (reminder !== undefined) this.#reminded(reminder)
        break
      }
      default: {
        const conversation = this.#byWire.get(news.wire)
        if (conversation?.wire === news.wire) this.#heard(conversation, news)
        else this.#byWire.delete(news.wire)
      }
    }
  }

  /** Puts one back that a state had. */
  restore (conversation: Conversation): void {
    const { number } = conversation.facts
    this.#all.set(number, conversation)
    this.#next = Math.max(this.#next, number + 1)
  }

  restoreListener (port: string, isClosed: boolean): void {
    this.#listeners.set(port, { port, isClosed, failure: undefined })
  }

  /** They go on where they were, by new wires. */
  goOn (): void {
    for (const { port } of this.listeners) this.#tell({ do: 'listen', port })
    for (const conversation of this.all) {
      const { facts } = conversation
      if (facts.isFinished || facts.failure !== undefined) continue
      if (facts.id === undefined) this.#giveUp(conversation, lost())
      else this.#mend(conversation)
    }
  }

  get #isFull (): boolean {
    return this.#all.size >= KEPT_MAX || this.all.filter(({ goesOn }) => goesOn).length >= CONVERSATIONS_MAX
  }

  #calledAt (port: string): Conversation[] {
    return this.all.filter(({ facts: { origin } }) => origin.kind === 'called' && origin.port === port)
  }

  #begin (id: string | undefined, origin: Origin): Conversation {
    const facts: ConversationFacts = {
      number: this.#next++, id, origin, isPending: true, isClosed: false, isDeaf: false, isFinished: false,
      failure: undefined
    }
    const conversation = new Conversation(this.#tell, facts)
    this.#all.set(facts.number, conversation)
    return conversation
  }

  #called ({ port, wire, from, session, again }: TalkNews & { kind: 'called' }): void {
    const known = session === undefined ? undefined : this.all.find(({ facts: { id } }) => id === session)
    if (known !== undefined && known.facts.failure === undefined) return this.#attach(known, wire)
    if (session !== undefined && (again || known !== undefined)) return this.#refuse(wire, isGivenUp(session))
    if (this.#listeners.get(port)?.isClosed !== false) return this.#refuse(wire, refused(port))
    if (this.#isFull) return this.#refuse(wire, tooMany())
    this.#attach(this.#begin(session, { kind: 'called', port, from }), wire)
  }

  #reached ({ conversation: number, wire, reached }: TalkNews & { kind: 'reached' }): void {
    const conversation = this.#all.get(number)
    if (conversation === undefined) return this.#refuse(wire, lost())
    if (conversation.facts.origin.kind === 'dialled') conversation.facts.origin.reached = reached
    this.#attach(conversation, wire)
  }

  #attach (conversation: Conversation, wire: number): void {
    this.#forgetReminder(conversation)
    this.#byWire.set(wire, conversation)
    conversation.attach(wire)
    if (conversation.facts.isClosed) this.#remind(conversation)
  }

  #refuse (wire: number, error: CloudError): void {
    this.#tell({ do: 'drop', wire, error: error.toJSON() })
  }

  #heard (
    conversation: Conversation, news: TalkNews & { kind: 'frame' | 'ended' | 'broken' | 'credit' }
  ): void {
    if (news.kind === 'credit') return conversation.credit(news.bytes)
    if (news.kind === 'frame') {
      try {
        return conversation.hear(news.bytes)
      } catch (error) {
        if (!isCloudError(error)) throw error
        return this.#giveUp(conversation, error)
      }
    }
    this.#byWire.delete(news.wire)
    if (news.kind === 'ended' && conversation.hearEnd()) {
      if (conversation.facts.isClosed) this.#remove(conversation)
      return
    }
    conversation.detach(news.kind === 'ended' ? lost() : undefined)
    const error = news.kind === 'ended' ? lost().toJSON() : news.error
    const { id, origin } = conversation.facts
    const hasGivenUp = error.code === 'EPROTO' || (origin.kind === 'called' && !conversation.isBegun)
    if (id === undefined || hasGivenUp) this.#fail(conversation, error)
    else this.#mend(conversation)
  }

  /** It is without a wire: who has dialled does so again. */
  #mend (conversation: Conversation): void {
    const { id, number, origin } = conversation.facts
    if (origin.kind === 'called' || id === undefined) this.#remind(conversation)
    else if (origin.reached === undefined) {
      this.#tell({ do: 'dial', conversation: number, to: origin.to, session: id })
    } else this.#tell({ do: 'dial-again', conversation: number, session: id, reached: origin.reached })
  }

  #remind (conversation: Conversation): void {
    this.#forgetReminder(conversation)
    const reminder = this.#nextReminder++
    this.#reminders.set(reminder, { about: conversation, acknowledgedBytes: conversation.session.acknowledgedBytes })
    this.#tell({ do: 'remind', reminder })
  }

  #reminded ({ about, acknowledgedBytes }: { about: Conversation, acknowledgedBytes: number }): void {
    if (about.wire !== undefined && about.session.acknowledgedBytes > acknowledgedBytes) this.#remind(about)
    else this.#giveUp(about, lost())
  }

  #forgetReminder (conversation: Conversation): void {
    for (const [reminder, { about }] of this.#reminders) if (about === conversation) this.#reminders.delete(reminder)
  }

  /** Breaks it off, and tells the other end. */
  #giveUp (conversation: Conversation, error: CloudError): void {
    if (conversation.wire !== undefined) this.#byWire.delete(conversation.wire)
    conversation.detach(error)
    this.#fail(conversation, error.toJSON())
  }

  #fail (conversation: Conversation, error: ErrorRecord): void {
    const { facts, session } = conversation
    if (session.isHeard && session.isOtherEnded) facts.isFinished = true // nothing of it is missing
    else facts.failure = error
    if (facts.isClosed || (facts.isPending && facts.origin.kind === 'called')) this.#remove(conversation)
  }

  #remove (conversation: Conversation): void {
    const { number, origin } = conversation.facts
    if (conversation.wire !== undefined) {
      this.#byWire.delete(conversation.wire)
      conversation.detach(lost())
    }
    this.#forgetReminder(conversation)
    this.#all.delete(number)
    if (origin.kind === 'called') this.#unlistenUnused(origin.port)
  }

  /** A port that is closed is kept for those who go on, since by it they come back. */
  #unlistenUnused (port: string): void {
    if (this.#listeners.get(port)?.isClosed !== true) return
    if (this.#calledAt(port).some(({ facts: { id }, goesOn }) => goesOn && id !== undefined)) return
    this.#listeners.delete(port)
    this.#tell({ do: 'unlisten', port })
  }
}

function lost (): CloudError {
  return new CloudError('ECONNRESET', 'The conversation broke off and could not be gone on with; begin another.')
}

function refused (port: string): CloudError {
  return new CloudError('ECONNREFUSED', `The program does not listen on "${port}" now.`, { fields: { port } })
}

function tooMany (): CloudError {
  const message = `The program has ${CONVERSATIONS_MAX} conversations already; close some, or try again later.`
  return new CloudError('EAGAIN', message)
}

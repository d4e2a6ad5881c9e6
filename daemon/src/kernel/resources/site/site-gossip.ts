import { sleep } from '@welkin/async'
import {
  CloudError, ignoreFault, isCloudError, shuffled, type Cancel, type Clock, type Incoming, type Keys, type Members,
  type NodeId, type Random, type Transport, type Zone
} from '@welkin/interface'
import type { Rings } from '../detection/rings.ts'
import type { ResourcesMetrics } from '../metrics.ts'
import type { Handle } from '../statements/handle.ts'
import { openStatement, type Statement } from '../statements/statement.ts'
import type { Complaints } from './complaints.ts'
import { Hearing, type HearingListener } from './hearing.ts'
import {
  packDifference, packExchanged, packQuestion, packReached, SITE_PROTOCOL, unpackExchanged, unpackQuestion,
  unpackReached, type News, type Question
} from './messages.ts'
import { keyOf, type Rumour, type Rumours } from './rumours.ts'
import type { Member, SiteTable } from './site-table.ts'
import { TableComparison, type TableComparisonListener } from './table-comparison.ts'

/** Neighbours that one wave of urgent news goes to. */
const WAVE_WIDTH = 2
/** Nodes that are asked at a time whether they are up after all. */
const ASKED_MAX = 16

export interface SiteGossipPorts {
  clock: Clock
  random: Random
  keys: Keys
  members?: Members | undefined
  transport: Transport
  metrics: ResourcesMetrics
  complaints: Complaints
  table: SiteTable
  rumours: Rumours
  rings: Rings
}

export interface SiteGossipOptions {
  site: Zone
  self: Handle
  /** Of the news in one exchange. */
  messageBytesMax: number
  /** Between two waves of urgent news. */
  pushPauseMs: number
  timeoutMs: number
}

/** What others of this node want to know. */
export interface SiteListener
  extends Pick<HearingListener, 'heard' | 'accused' | 'contradicted'>, TableComparisonListener {
  /** Whether this node gets through to that member. */
  reach: (member: Member) => Promise<boolean>
}

/**
 * Spreads what nodes say through a site. Each node exchanges news with its neighbours on the rings: what is urgent in
 * waves at once, the rest whenever they speak anyway; and compares a part of its table with that of somebody it has met
 * now and then, which finds whatever was missed. So the number of messages does not depend on the size of the site, and
 * their bytes are bounded (Demers et al., Epidemic Algorithms, PODC 1987: rumour mongering backed by anti-entropy).
 */
export class SiteGossip {
  readonly #ports: SiteGossipPorts
  readonly #options: SiteGossipOptions
  readonly #listener: SiteListener
  readonly #hearing: Hearing
  readonly #comparison: TableComparison
  #cancelServing: Cancel = () => {}
  #cancelWave: Cancel | undefined
  /** Whether a wave is under way: the next waits for one neighbour to have it, if not for long, to flood nobody. */
  #isPushing = false
  #stopped = false
  /** Nodes that are being asked whether they are up after all. */
  readonly #asked = new Set<Handle>()
  readonly #comparing = new Set<NodeId>()

  constructor (ports: SiteGossipPorts, options: SiteGossipOptions, listener: SiteListener) {
    this.#ports = ports
    this.#options = options
    this.#listener = listener
    this.#hearing = new Hearing(ports, options, {
      ...listener,
      news: (rumour, from) => this.#spread(rumour, from),
      lacking: peer => {
        void this.compare(peer, { whole: true, timeoutMs: options.timeoutMs }).catch(ignoreFault)
      },
      toldAgain: member => this.#askWhetherUp(member)
    })
    this.#comparison = new TableComparison({ ...ports, hearing: this.#hearing }, options, listener)
  }

  start (): void {
    this.#cancelServing = this.#ports.transport.serve(SITE_PROTOCOL, {
      request: async (payload, incoming) => await this.#answer(payload, incoming),
      channel: async () => { throw new CloudError('EPROTO', `${SITE_PROTOCOL} takes requests only.`) }
    })
  }

  stop (): void {
    this.#stopped = true
    this.#cancelServing()
    this.#cancelWave?.()
  }

  /** Passes something of this node's own on. */
  tell (statement: Statement, { urgent }: { urgent: boolean }): void {
    const nowMs = this.#ports.clock.monotonicMs()
    this.#spread({ key: keyOf(statement), wire: statement.wire, statedMs: nowMs, urgent }, undefined)
  }

  /**
   * Tells urgent news, and asks for all that this node lacks where `pull`. Resolves with the round trip. Rejects as
   * requests do, EPROTO for an answer that is none.
   */
  async exchange (
    peer: NodeId, { pull, timeoutMs }: { pull: boolean, timeoutMs: number }
  ): Promise<{ rttMs: number }> {
    const { clock, rumours } = this.#ports
    rumours.expire(clock.monotonicMs())
    const taken = rumours.urgentFor(peer, this.#options.messageBytesMax)
    const sentMs = clock.monotonicMs()
    try {
      const ids = pull ? rumours.ids() : undefined
      const payload = await this.#ask(peer, { kind: 'exchange', news: this.#aged(taken), ids }, timeoutMs)
      const rttMs = clock.monotonicMs() - sentMs
      const { news, spentMs } = unpackExchanged(payload)
      this.#hearing.take(news, peer)
      return { rttMs: Math.max(0.001, rttMs - spentMs) }
    } catch (error) {
      rumours.takeBack(taken, peer)
      this.#complainOf(error, peer)
      throw error
    }
  }

  /** Whether `helper` gets through to `subject`. Rejects as requests do: then the helper is silent itself. */
  async askReach (helper: NodeId, subject: Handle, timeoutMs: number): Promise<boolean> {
    return unpackReached(await this.#ask(helper, { kind: 'reach', subject }, timeoutMs))
  }

  /** Hears all that `witness` has heard of `subject`. Rejects as requests do. */
  async askAbout (witness: NodeId, subject: Handle, timeoutMs: number): Promise<void> {
    const payload = await this.#ask(witness, { kind: 'about', subject }, timeoutMs)
    this.#hearing.take(unpackExchanged(payload).news, witness)
  }

  /** Compares tables with `peer`, see TableComparison; once at a time: a second call does nothing. */
  async compare (peer: NodeId, options: { whole: boolean, timeoutMs: number }): Promise<void> {
    if (this.#comparing.has(peer)) return
    this.#comparing.add(peer)
    try {
      await this.#comparison.compare(peer, options)
    } catch (error) {
      this.#complainOf(error, peer)
      throw error
    } finally {
      this.#comparing.delete(peer)
    }
  }

  async #ask (peer: NodeId, question: Parameters<typeof packQuestion>[0], timeoutMs: number): Promise<Uint8Array> {
    const { transport } = this.#ports
    const answer = await transport.link(peer, SITE_PROTOCOL).request(packQuestion(question), { timeoutMs })
    this.#noteLife(peer)
    return answer
  }

  async #answer (payload: Uint8Array, { peer }: Incoming): Promise<Uint8Array> {
    try {
      const answer = await this.#answerTo(unpackQuestion(payload), peer)
      this.#noteLife(peer)
      return answer
    } catch (error) {
      this.#complainOf(error, peer)
      throw error
    }
  }

  async #answerTo (question: Question, peer: NodeId): Promise<Uint8Array> {
    const { clock, rumours, table } = this.#ports
    if (question.kind === 'compare') return packDifference(this.#comparison.answer(question, peer))
    if (question.kind === 'about') return packExchanged(this.#comparison.newsAbout(question.subject), 0)
    if (question.kind === 'speak') {
      this.#hearing.contradict(openStatement(question.last, this.#ports.keys))
      return packExchanged(this.#comparison.newsAbout(this.#options.self), 0)
    }
    if (question.kind === 'reach') {
      const member = question.subject === this.#options.self ? undefined : table.get(question.subject)
      return packReached(member !== undefined && await this.#listener.reach(member))
    }
    const startMs = clock.monotonicMs()
    this.#hearing.take(question.news, peer)
    // A stranger is told nothing: its own statements have not come, or not been believed.
    const news = question.ids === undefined || table.byId(peer) === undefined
      ? []
      : rumours.lackedBy(peer, question.ids, this.#options.messageBytesMax, startMs)
    return packExchanged(this.#aged(news), clock.monotonicMs() - startMs)
  }

  /** `peer` has spoken to this node itself. */
  #noteLife (peer: NodeId): void {
    const member = this.#ports.table.byId(peer)
    if (member === undefined) return
    member.isMet = true
    this.#askWhetherUp(member)
  }

  /** Something speaks for `member` being up. If it is held to be down, only the node itself can say who is right. */
  #askWhetherUp (member: Member): void {
    const { clock, table } = this.#ports
    const { handle, view: { id }, vitals: { wire } } = member
    if (!table.mayReturn(member, clock.monotonicMs()) || this.#asked.has(handle)) return
    if (this.#asked.size >= ASKED_MAX || this.#stopped) return
    this.#asked.add(handle)
    void this.#askToSpeak(id, wire).catch(ignoreFault).finally(() => { this.#asked.delete(handle) })
  }

  async #askToSpeak (peer: NodeId, last: Uint8Array): Promise<void> {
    const payload = await this.#ask(peer, { kind: 'speak', last }, this.#options.timeoutMs)
    this.#hearing.take(unpackExchanged(payload).news, peer)
  }

  #spread (rumour: Rumour, from: NodeId | undefined): void {
    const { clock, rumours } = this.#ports
    rumours.add(rumour, from, clock.monotonicMs())
    if (rumour.urgent) this.#wave()
  }

  /** Urgent news goes out soon, in waves, so that what comes within one pause shares a message. */
  #wave (): void {
    const { clock, random } = this.#ports
    if (this.#stopped || this.#isPushing) return
    this.#cancelWave ??= clock.after(this.#options.pushPauseMs * (0.5 + random.unit() / 2), () => {
      this.#cancelWave = undefined
      void this.push()
    })
  }

  /** Sends urgent news to those neighbours that lack most of it. Never rejects. */
  async push (width = WAVE_WIDTH): Promise<void> {
    const { clock, rumours } = this.#ports
    const peers = rumours.nextWave(this.neighbours().map(({ view }) => view.id), width)
    const { pushPauseMs, timeoutMs } = this.#options
    const exchanges = peers.map(async peer => {
      await this.exchange(peer, { pull: false, timeoutMs }).catch(ignoreFault)
    })
    if (exchanges.length === 0) return
    this.#isPushing = true
    await Promise.race([...exchanges, sleep(clock, pushPauseMs)])
    this.#isPushing = false
    this.#wave()
    await Promise.all(exchanges)
  }

  /**
   * Whom this node exchanges news with: those it watches and those that watch it, as far as they are well; in random
   * order, but those that it has met first.
   */
  neighbours (): Member[] {
    const { random } = this.#ports
    const well = this.#beside(this.#options.self)
      .filter(({ view }) => view.state === 'up' && view.suspected !== true)
    return shuffled(random, well).toSorted((a, b) => Number(b.isMet) - Number(a.isMet))
  }

  /** Whom a node of this site exchanges news with, by the rings as they are known here. */
  around (id: NodeId): Member[] {
    const member = this.#ports.table.byId(id)
    return member === undefined ? [] : this.#beside(member.handle)
  }

  #beside (handle: Handle): Member[] {
    const { rings, table } = this.#ports
    const handles = new Set([...rings.subjectsOf(handle), ...rings.observersOf(handle)])
    return [...handles].flatMap(other => table.get(other) ?? [])
  }

  #aged (rumours: readonly Rumour[]): News[] {
    const nowMs = this.#ports.clock.monotonicMs()
    return rumours.map(({ wire, statedMs }) => ({ wire, ageMs: nowMs - statedMs }))
  }

  #complainOf (error: unknown, peer: NodeId): void {
    if (!isCloudError(error)) throw error
    if (isCloudError(error, 'EPROTO')) this.#ports.complaints.note(peer, error.message)
  }
}

import {
  CloudError, isCloudError, shuffled, siteOf, type Cancel, type Clock, type Incoming, type Keys, type NodeId,
  type Random, type Transport, type Zone
} from '@welkin/interface'
import type { Rings } from '../detection/rings.ts'
import type { ResourcesMetrics } from '../metrics.ts'
import { changeOf } from '../statements/change.ts'
import { HANDLE_END, type Handle } from '../statements/handle.ts'
import { isLater, type Stamp } from '../statements/stamp.ts'
import {
  isSignedBy, openStatement, type Accusation, type FactsStatement, type Statement, type VitalsStatement
} from '../statements/statement.ts'
import type { Complaints } from './complaints.ts'
import { markOf, packDigest, type DigestEntry } from './digest.ts'
import {
  packComparison, packDifference, packExchanged, packQuestion, packReached, SITE_PROTOCOL, unpackDifference,
  unpackExchanged, unpackQuestion, unpackReached, type Comparison, type Contact, type Difference, type News
} from './messages.ts'
import type { Rumour, Rumours } from './rumours.ts'
import type { Member, Outcome, SiteTable } from './site-table.ts'

/** Nodes of one comparison of tables. */
const COMPARED_MAX = 128
/** Of the answer to a comparison. */
const DIFFERENCE_BYTES_MAX = 256 * 1024
/** Neighbours that one wave of urgent news goes to. */
const WAVE_WIDTH = 2
/** Nodes that are asked at a time whether they are up after all. */
const ASKED_MAX = 16
/** What was said more lately than this is on its way, and no matter for a comparison. */
const ON_ITS_WAY_MS = 12_000

export interface SiteGossipPorts {
  clock: Clock
  random: Random
  keys: Keys
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
export interface SiteListener {
  /** Something was heard of a member. */
  heard: (outcome: Outcome, member: Member) => void
  /** A member was accused by another, for the first time by that one. */
  accused: (member: Member, accusation: Accusation) => void
  /** This node itself was accused, or somebody knows a later life of it than this: it is for it to speak. */
  contradicted: (stamp: Stamp) => void
  /** Whether this node gets through to that member. */
  reach: (member: Member) => Promise<boolean>
  /** Where nodes of this and other sites are found. */
  contacts: () => Contact[]
  met: (contacts: readonly Contact[]) => void
}

/**
 * Spreads what nodes say through a site. Each node exchanges news with its neighbours on the rings: what is urgent in
 * waves at once, the rest whenever they speak anyway; and compares a part of its table with that of a random neighbour
 * now and then, which finds whatever was missed. So the number of messages does not depend on the size of the site, and
 * their bytes are bounded (Demers et al., Epidemic Algorithms, PODC 1987: rumour mongering backed by anti-entropy).
 */
export class SiteGossip {
  readonly #ports: SiteGossipPorts
  readonly #options: SiteGossipOptions
  readonly #listener: SiteListener
  #own: { facts: FactsStatement, vitals: VitalsStatement } | undefined
  #cancelServing: Cancel = () => {}
  #cancelWave: Cancel | undefined
  #stopped = false
  /** Nodes that are being asked whether they are up after all. */
  readonly #asked = new Set<Handle>()
  /** Where the next comparison begins. */
  #comparedTo: Handle = 0

  constructor (ports: SiteGossipPorts, options: SiteGossipOptions, listener: SiteListener) {
    this.#ports = ports
    this.#options = options
    this.#listener = listener
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

  /** What this node says of itself from now on; it is in the table already. */
  state (facts: FactsStatement, vitals: VitalsStatement): void {
    this.#own = { facts, vitals }
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
  async exchange (peer: NodeId, { pull, timeoutMs }: { pull: boolean, timeoutMs: number }): Promise<{ rttMs: number }> {
    const { clock, rumours, transport } = this.#ports
    rumours.expire(clock.monotonicMs())
    const taken = rumours.urgentFor(peer, this.#options.messageBytesMax)
    const sentMs = clock.monotonicMs()
    try {
      const ids = pull ? rumours.ids() : undefined
      const question = packQuestion({ kind: 'exchange', news: this.#aged(taken), ids })
      const payload = await transport.link(peer, SITE_PROTOCOL).request(question, { timeoutMs })
      const rttMs = clock.monotonicMs() - sentMs
      const { news, spentMs } = unpackExchanged(payload)
      this.#take(news, peer)
      return { rttMs: Math.max(0.001, rttMs - spentMs) }
    } catch (error) {
      rumours.takeBack(taken, peer)
      this.#complainOf(error, peer)
      throw error
    }
  }

  /** Whether `helper` gets through to `subject`. Rejects as requests do: then the helper is silent itself. */
  async askReach (helper: NodeId, subject: Handle, timeoutMs: number): Promise<boolean> {
    const question = packQuestion({ kind: 'reach', subject })
    return unpackReached(await this.#ports.transport.link(helper, SITE_PROTOCOL).request(question, { timeoutMs }))
  }

  /**
   * Compares tables with `peer`, all of them where `whole`, else the next part. A node of another site says where nodes
   * of the cloud are found. Rejects as requests do.
   */
  async compare (peer: NodeId, { whole, timeoutMs }: { whole: boolean, timeoutMs: number }): Promise<void> {
    let part: Part | undefined = whole ? { from: 0, to: HANDLE_END, entries: this.#entries() } : this.#nextPart()
    while (part !== undefined) {
      const next = await this.#comparePart(peer, part, timeoutMs)
      part = next === undefined ? undefined : { from: next, to: part.to, entries: part.entries }
    }
  }

  async #comparePart (peer: NodeId, { from, to, entries }: Part, timeoutMs: number): Promise<Handle | undefined> {
    const { transport } = this.#ports
    const own = this.#own === undefined ? [] : this.#newsOf(this.#own)
    const digest = packDigest(entries.filter(({ handle }) => handle >= from && handle < to))
    const question = packComparison(this.#options.site, own, from, to, digest)
    try {
      const payload = await transport.link(peer, SITE_PROTOCOL).request(question, { timeoutMs })
      const { news, wanted, next, contacts } = unpackDifference(payload)
      this.#listener.met(contacts)
      this.#take(news, peer)
      if (wanted.length > 0) await this.#send(peer, wanted, timeoutMs)
      return next !== undefined && next > from && news.length > 0 ? next : undefined
    } catch (error) {
      this.#complainOf(error, peer)
      throw error
    }
  }

  /** What the peer lacks of these, as far as one message goes. */
  async #send (peer: NodeId, wanted: readonly Handle[], timeoutMs: number): Promise<void> {
    const { transport } = this.#ports
    const news = fitting(wanted.flatMap(handle => this.#newsAbout(handle)), DIFFERENCE_BYTES_MAX)
    await transport.link(peer, SITE_PROTOCOL).request(packQuestion({ kind: 'exchange', news, ids: undefined }), {
      timeoutMs
    })
  }

  async #answer (payload: Uint8Array, { peer }: Incoming): Promise<Uint8Array> {
    const { clock, rumours, table } = this.#ports
    const startMs = clock.monotonicMs()
    try {
      const question = unpackQuestion(payload)
      if (question.kind === 'compare') return packDifference(this.#differenceFor(question, peer))
      if (question.kind === 'speak') {
        this.#listener.contradicted(question.stamp)
        return packExchanged(this.#own === undefined ? [] : this.#newsOf(this.#own), 0)
      }
      if (question.kind === 'reach') {
        const member = table.get(question.subject)
        return packReached(member !== undefined && await this.#listener.reach(member))
      }
      this.#take(question.news, peer)
      // A stranger is told nothing: its own statements have not come, or not been believed.
      const news = question.ids === undefined || table.byId(peer) === undefined
        ? []
        : rumours.lackedBy(peer, question.ids, this.#options.messageBytesMax, startMs)
      return packExchanged(this.#aged(news), clock.monotonicMs() - startMs)
    } catch (error) {
      this.#complainOf(error, peer)
      throw error
    }
  }

  #differenceFor ({ site, own, from, to, digest }: Comparison, peer: NodeId): Difference {
    const contacts = this.#listener.contacts()
    if (site !== this.#options.site) {
      this.#meetForeign(site, own, peer)
      return { news: [], wanted: [], next: undefined, contacts: ownSiteFirst(contacts, site) }
    }
    this.#take(own, peer)
    const theirs = new Map(digest.map(entry => [entry.handle, entry]))
    const here = this.#entries().filter(({ handle }) => handle >= from && handle < to)
    const wanted = digest.filter(({ handle, mark }) => this.#isMissing(handle, this.#entryOf(handle)?.mark, mark))
      .map(({ handle }) => handle)
    const lacking = here.filter(({ handle, mark }) => this.#isMissing(handle, theirs.get(handle)?.mark, mark))
      .toSorted((a, b) => a.handle - b.handle)
    const news: News[] = []
    let bytes = 0
    for (const { handle } of lacking) {
      const about = this.#newsAbout(handle)
      bytes += about.reduce((sum, { wire }) => sum + wire.byteLength, 0)
      if (bytes > DIFFERENCE_BYTES_MAX) return { news, wanted, next: handle, contacts }
      news.push(...about)
    }
    return { news, wanted, next: undefined, contacts }
  }

  /** Whether the side that has `mark` of a node lacks what `other` stands for. What is still on its way comes anyway. */
  #isMissing (handle: Handle, mark: number | undefined, other: number): boolean {
    if (mark === undefined || mark === other) return mark === undefined
    const statedMs = this.#ports.table.get(handle)?.statedMs ?? 0
    return this.#ports.clock.monotonicMs() - statedMs >= ON_ITS_WAY_MS
  }

  /** A node of another site that speaks to this one is somebody to know there. */
  #meetForeign (site: Zone, own: News[], peer: NodeId): void {
    const { keys } = this.#ports
    for (const { wire } of own) {
      const statement = openStatement(wire, keys)
      if (statement.kind !== 'facts' || statement.facts.id !== peer || !isSignedBy(peer, statement, keys)) continue
      if (siteOf(statement.facts.zone) === site) this.#listener.met([{ site, id: peer, addresses: statement.facts.addresses }])
    }
  }

  #take (news: readonly News[], from: NodeId): void {
    const nowMs = this.#ports.clock.monotonicMs()
    let lacksFacts = false
    for (const { wire, ageMs } of news) {
      try {
        lacksFacts = this.#hear(openStatement(wire, this.#ports.keys), nowMs - ageMs, from) || lacksFacts
      } catch (error) {
        if (!isCloudError(error)) throw error
        this.#complainOf(error, from)
      }
    }
    if (lacksFacts) void this.#comparePart(from, this.#wholePart(), this.#options.timeoutMs).catch(ignoreFaults)
  }

  /** Whether something is missing to understand it. */
  #hear (statement: Statement, statedMs: number, from: NodeId): boolean {
    if (statement.kind === 'accusation') {
      this.#hearAccusation(statement, statedMs, from)
      return false
    }
    const { clock, metrics, rumours, table, transport } = this.#ports
    const { subject } = statement
    if (subject === this.#options.self) {
      this.#hearOfSelf(statement)
      return false
    }
    if (!table.isNews(statement)) {
      rumours.markKnown(keyOf(statement), statement.wire, from)
      metrics.heard.add(1, { outcome: 'stale' })
      this.#mayBeUp(table.get(subject))
      return false
    }
    const signer = statement.kind === 'facts' ? statement.facts.id : table.idOf(subject)
    if (signer === undefined) return true
    this.#checkSigned(signer, statement)
    const nowMs = clock.monotonicMs()
    const before = table.get(subject)?.vitals.vitals
    const outcome = statement.kind === 'facts'
      ? table.hearFacts(this.#inThisSite(statement), nowMs)
      : table.hearVitals(statement, statedMs, nowMs)
    metrics.heard.add(1, { outcome })
    const member = table.get(subject)
    if (member === undefined) return false
    if (statement.kind === 'facts' || outcome === 'joined') transport.learn(member.view.id, member.view.addresses)
    if (outcome === 'stale') return false
    const urgent = before === undefined || outcome !== 'refreshed' || statement.kind === 'facts' ||
      changeOf(before, statement.vitals) === 'urgent'
    for (const told of outcome === 'joined' ? [member.vitals, member.facts] : [statement]) {
      this.#spread({ key: keyOf(told), wire: told.wire, statedMs, urgent }, from)
    }
    this.#listener.heard(outcome, member)
    return false
  }

  #hearAccusation (accusation: Accusation, statedMs: number, from: NodeId): void {
    const { clock, complaints, rings, rumours, table } = this.#ports
    const { accuser, subject, stamp } = accusation
    const signer = table.idOf(accuser)
    if (signer === undefined) return
    if (subject === this.#options.self) {
      this.#checkSigned(signer, accusation)
      this.#listener.contradicted(stamp)
      return
    }
    const member = table.get(subject)
    if (member === undefined || member.accusations.has(accuser)) {
      rumours.markKnown(keyOf(accusation), accusation.wire, from)
      return
    }
    this.#checkSigned(signer, accusation)
    if (!rings.watches(accuser, subject)) {
      complaints.note(signer, 'it accuses a node that it does not watch')
      return
    }
    if (!table.hearAccusation(accusation, clock.monotonicMs())) return
    this.#spread({ key: keyOf(accusation), wire: accusation.wire, statedMs, urgent: true }, from)
    this.#listener.accused(member, accusation)
  }

  /** Somebody holds a node to be up that this one holds to be down: only the node itself can say who is right. */
  #mayBeUp (member: Member | undefined): void {
    if (member === undefined || member.view.state === 'up' || member.vitals.vitals.leaving) return
    const { handle, view: { id }, vitals: { stamp } } = member
    if (this.#asked.has(handle) || this.#asked.size >= ASKED_MAX || this.#stopped) return
    this.#asked.add(handle)
    void this.#askToSpeak(id, stamp).catch(ignoreFaults).finally(() => { this.#asked.delete(handle) })
  }

  async #askToSpeak (peer: NodeId, stamp: Stamp): Promise<void> {
    const question = packQuestion({ kind: 'speak', stamp })
    const { timeoutMs } = this.#options
    const payload = await this.#ports.transport.link(peer, SITE_PROTOCOL).request(question, { timeoutMs })
    this.#take(unpackExchanged(payload).news, peer)
  }

  /** An echo, or what another life of this node has said. */
  #hearOfSelf (statement: FactsStatement | VitalsStatement): void {
    const own = this.#own?.[statement.kind]
    if (own === undefined || !isLater(statement.stamp, own.stamp)) return
    this.#checkSigned(this.#ports.keys.self, statement)
    this.#listener.contradicted(statement.stamp)
  }

  #checkSigned (signer: NodeId, statement: Statement): void {
    if (isSignedBy(signer, statement, this.#ports.keys)) return
    throw new CloudError('EPROTO', 'A statement was refused: its signature is not that of whoever it says.')
  }

  #inThisSite (statement: FactsStatement): FactsStatement {
    if (siteOf(statement.facts.zone) === this.#options.site) return statement
    throw new CloudError('EPROTO', 'A statement was refused: its node stands in another site.')
  }

  #spread (rumour: Rumour, from: NodeId | undefined): void {
    const { clock, rumours } = this.#ports
    rumours.add(rumour, from, clock.monotonicMs())
    if (rumour.urgent) this.#wave()
  }

  /** Urgent news goes out soon, in waves, so that what comes within one pause shares a message. */
  #wave (): void {
    const { clock, random } = this.#ports
    if (this.#stopped) return
    this.#cancelWave ??= clock.after(this.#options.pushPauseMs * (0.5 + random.unit() / 2), () => {
      this.#cancelWave = undefined
      void this.push()
    })
  }

  /** Sends urgent news to those neighbours that lack most of it. Never rejects. */
  async push (width = WAVE_WIDTH): Promise<void> {
    const { random, rumours } = this.#ports
    const peers = rumours.nextWave(shuffled(random, this.neighbours()), width)
    if (rumours.hot) this.#wave()
    await Promise.all(peers.map(async peer => {
      await this.exchange(peer, { pull: false, timeoutMs: this.#options.timeoutMs }).catch(ignoreFaults)
    }))
  }

  /** Whom this node exchanges news with: those it watches and those that watch it, as far as they are well. */
  neighbours (): NodeId[] {
    const { rings, table } = this.#ports
    const { self } = this.#options
    return [...new Set([...rings.subjectsOf(self), ...rings.observersOf(self)])].flatMap(handle => {
      const view = table.get(handle)?.view
      return view?.state === 'up' && view.suspected !== true ? view.id : []
    })
  }

  #newsAbout (handle: Handle): News[] {
    const member = this.#ports.table.get(handle)
    return member === undefined ? [] : this.#newsOf(member)
  }

  #newsOf ({ facts, vitals, statedMs, accusations }: Pick<Member, 'facts' | 'vitals'> & Partial<Member>): News[] {
    const nowMs = this.#ports.clock.monotonicMs()
    const ageMs = nowMs - (statedMs ?? nowMs)
    const accused = [...accusations?.values() ?? []]
    return [facts, vitals, ...accused].map(({ wire }) => ({ wire, ageMs }))
  }

  #aged (rumours: readonly Rumour[]): News[] {
    const nowMs = this.#ports.clock.monotonicMs()
    return rumours.map(({ wire, statedMs }) => ({ wire, ageMs: nowMs - statedMs }))
  }

  /** What is known of those that are up; who is down is nobody's news. */
  #entries (): DigestEntry[] {
    const entries: DigestEntry[] = []
    for (const { handle, view } of this.#ports.table.members()) {
      if (view.state === 'up') entries.push(this.#entryOf(handle) as DigestEntry)
    }
    return entries
  }

  #entryOf (handle: Handle): DigestEntry | undefined {
    const member = this.#ports.table.get(handle)
    return member === undefined ? undefined : { handle, mark: markOf(member.facts.wire, member.vitals.wire) }
  }

  #wholePart (): Part {
    return { from: 0, to: HANDLE_END, entries: this.#entries() }
  }

  /** The next `COMPARED_MAX` nodes of the table, with the gaps between them and after the last. */
  #nextPart (): Part {
    const entries = this.#entries().toSorted((a, b) => a.handle - b.handle)
    const from = this.#comparedTo >= HANDLE_END ? 0 : this.#comparedTo
    const part = entries.filter(({ handle }) => handle >= from).slice(0, COMPARED_MAX)
    const last = part.at(-1)
    const isEnd = last === undefined || last === entries.at(-1)
    const to = isEnd ? HANDLE_END : last.handle + 1
    this.#comparedTo = to
    return { from, to, entries: part }
  }

  #complainOf (error: unknown, peer: NodeId): void {
    if (!isCloudError(error)) throw error
    if (isCloudError(error, 'EPROTO')) this.#ports.complaints.note(peer, error.message)
  }
}

interface Part { from: Handle, to: Handle, entries: DigestEntry[] }

function keyOf (statement: Statement): string {
  const { kind, subject } = statement
  return kind === 'accusation' ? `${kind} ${subject} ${statement.accuser}` : `${kind} ${subject}`
}

function ownSiteFirst (contacts: readonly Contact[], site: Zone): Contact[] {
  return [...contacts.filter(contact => contact.site === site), ...contacts.filter(contact => contact.site !== site)]
}

function fitting (news: News[], bytesMax: number): News[] {
  let bytes = 0
  const end = news.findIndex(({ wire }) => (bytes += wire.byteLength) > bytesMax)
  return end < 0 ? news : news.slice(0, end)
}

/** For what is tried and may fail: whoever watches the peer notices. */
function ignoreFaults (error: unknown): void {
  if (!isCloudError(error)) throw error
}

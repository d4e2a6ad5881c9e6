import { mapConcurrently } from '@welkin/async'
import {
  CloudError, isCloudError, shuffled, type AbortOptions, type Cancel, type Clock, type Events, type Gossip, type Keys,
  type Logger, type NodeId, type Random, type SiteSummary, type Transport, type Zone
} from '@welkin/interface'
import { summarise } from '@welkin/query'
import type { ResourcesMetrics } from '../metrics.ts'
import type { Complaints } from '../site/complaints.ts'
import type { Contact } from '../site/messages.ts'
import type { Member, SiteTable } from '../site/site-table.ts'
import { CloudPicture } from './cloud-picture.ts'
import { Contacts } from './contacts.ts'
import { delegatesAmong } from './delegates.ts'
import {
  CLOUD_PROTOCOL, packCloudQuestion, packPicture, SUMMARIES_TOPIC, unpackCloudQuestion, unpackPicture, type Picture
} from './messages.ts'
import { centreOf } from './centre.ts'
import { openSummary, sealSummary } from './summary.ts'

/** Delegates of other sites that a delegate stays connected to, so that gossip gets around. */
const LINKS_MIN = 3
/** A node that is no delegate asks one for its picture of the cloud; the answer serves for so long. */
const PICTURE_MS = 5000
/** … and asks where nodes of other sites are found so often, to measure how far they are. */
const CONTACTS_MS = 60_000
/** A site of which nothing was heard for so many periods is looked for, and given up. */
const PERIODS_TO_EXPIRE = 6
/** After a change in the site its summary is told soon, so that changes in a row are told once. */
const CHANGE_MS = 500
/** For changes, a site is spoken of so often in the time between two summaries. */
const CHANGES_MAX = 10
const CONTACTS_TOLD = 32

export interface CloudGossipPorts {
  clock: Clock
  random: Random
  keys: Keys
  transport: Transport
  gossip: Gossip
  events: Events
  log: Logger
  metrics: ResourcesMetrics
  complaints: Complaints
  table: SiteTable
  /** Is told where nodes of this and other sites are found. */
  met: (contacts: readonly Contact[]) => void
}

export interface CloudGossipOptions {
  site: Zone
  incarnation: number
  delegates: number
  summaryPeriodMs: number
  summaryPaceMs: number
  sitesMax: number
  dialTimeoutMs: number
}

type Delegate = Pick<Contact, 'id' | 'addresses'>
type Told = Picture['summaries'][number]
type AskOptions = AbortOptions & { timeoutMs: number }
/** `whole`: all summaries are wanted, or only where nodes are found. */
type MeetOptions = AskOptions & { whole?: boolean }

/**
 * The cloud beyond this site. A site's delegates publish what it has together and hear the others'; the rate of all
 * summaries together is bounded, so that it costs a delegate the same however many sites there are, at the expense of
 * their age. Nodes that are no delegates ask one when they want to know.
 */
export class CloudGossip {
  readonly #ports: CloudGossipPorts
  readonly #options: CloudGossipOptions
  readonly #picture: CloudPicture
  readonly #contacts = new Contacts()
  readonly #connected = new Set<NodeId>()
  readonly #cancels: Cancel[] = []
  /** Ends the subscription; undefined: this node is no delegate. */
  #unsubscribe: Cancel | undefined
  #cancelRound: Cancel = () => {}
  #cancelChange: Cancel | undefined
  /** When one of this site's delegates spoke for it last. */
  #spokenMs = 0
  #askedMs = Number.NEGATIVE_INFINITY
  #contactsMs = Number.NEGATIVE_INFINITY
  #sequence = 0
  #stopped = false

  constructor (ports: CloudGossipPorts, options: CloudGossipOptions) {
    this.#ports = ports
    this.#options = options
    this.#picture = new CloudPicture(options.sitesMax)
  }

  start (): void {
    const { random, transport } = this.#ports
    this.#cancels.push(
      transport.serve(CLOUD_PROTOCOL, {
        request: async (payload, { peer }) => this.#answer(payload, peer),
        channel: async () => { throw new CloudError('EPROTO', `${CLOUD_PROTOCOL} takes requests only.`) }
      }),
      transport.watch((peer, state) => {
        if (state === 'connected') this.#connected.add(peer)
        else this.#connected.delete(peer)
      }))
    this.#roundIn(this.#options.summaryPeriodMs * random.unit())
  }

  stop (): void {
    this.#stopped = true
    this.#unsubscribe?.()
    this.#cancelRound()
    this.#cancelChange?.()
    for (const cancel of this.#cancels.splice(0)) cancel()
  }

  /** Nodes of the site have come or gone: its summary is told soon, if this node speaks for it. */
  siteChanged (): void {
    this.#cancelChange ??= this.#ports.clock.after(Math.max(CHANGE_MS, this.#silenceLeftMs()), () => {
      this.#cancelChange = undefined
      this.#mindDuty()
      if (this.#unsubscribe === undefined) return
      // Another delegate has spoken meanwhile; whether it knew all of this is seen when it is time again.
      if (this.#silenceLeftMs() > 0) this.siteChanged()
      else this.#publish()
    })
  }

  /** A site that changes all the time is not spoken of all the time, or many such sites would drown their delegates. */
  #silenceLeftMs (): number {
    return this.#spokenMs + this.#periodMs() / CHANGES_MAX - this.#ports.clock.monotonicMs()
  }

  /** Somebody said where these are found. Of members, their own word counts. */
  met (contacts: readonly Contact[]): void {
    const { keys, table, transport } = this.#ports
    let isFirst = !this.#knowsOthers()
    for (const contact of contacts) {
      if (contact.id === keys.self || table.byId(contact.id) !== undefined) continue
      transport.learn(contact.id, contact.addresses)
      this.#contacts.add(contact)
      if (contact.site === this.#options.site || !isFirst) continue
      isFirst = false
      this.siteChanged()
    }
  }

  /** Where nodes are found, for one who is of `asker`: some of this site and of that one, and some of others. */
  contacts (asker: Zone): Contact[] {
    const { random, table } = this.#ports
    const { site } = this.#options
    const up = [...table.members()].filter(({ view }) => view.state === 'up')
    const own = shuffled(random, up).slice(0, CONTACTS_TOLD / 2)
      .map(({ view: { id, addresses } }): Contact => ({ site, id, addresses }))
    const others = this.#others()
    const theirs = others.filter(contact => contact.site === asker).slice(0, CONTACTS_TOLD / 2)
    const rest = others.filter(contact => contact.site !== asker)
    return [...theirs, ...own, ...rest].slice(0, CONTACTS_TOLD)
  }

  /** Nodes that were said to be found in this site or others, those of no use any more among them. */
  known (): readonly Contact[] {
    return [...this.#contacts.all(), ...this.#picture.delegates()]
  }

  /** What this node has heard, without asking. */
  heard (): SiteSummary[] {
    return this.#picture.summaries(this.#ports.clock.monotonicMs())
  }

  /** The same, after asking a delegate where this node is none and did not ask a moment ago. Rejects ECANCELED. */
  async summaries (options: AskOptions): Promise<SiteSummary[]> {
    const { clock } = this.#ports
    const nowMs = clock.monotonicMs()
    const isFresh = this.#unsubscribe !== undefined && this.#picture.size > 0
    if (!isFresh && nowMs - this.#askedMs >= PICTURE_MS && await this.#askAny(options)) this.#askedMs = nowMs
    return this.heard()
  }

  #roundIn (delayMs: number): void {
    this.#cancelRound = this.#ports.clock.after(delayMs, () => {
      void this.#round()
      this.#roundIn(this.#options.summaryPeriodMs)
    })
  }

  async #round (): Promise<void> {
    const { clock, metrics } = this.#ports
    this.#mindDuty()
    metrics.sites.set(this.#picture.size)
    const nowMs = clock.monotonicMs()
    if (this.#unsubscribe === undefined) {
      this.#picture.expire(nowMs, this.#expireMs())
      if (nowMs - this.#contactsMs >= CONTACTS_MS) {
        this.#contactsMs = nowMs
        await this.#askAny({ timeoutMs: this.#options.dialTimeoutMs, whole: false })
      }
      return
    }
    if (nowMs - this.#spokenMs >= this.#periodMs()) this.#publish()
    await this.#stayConnected()
    await this.#giveUpSilentSites()
  }

  /** Becomes a delegate, or ceases to be one. */
  #mindDuty (): void {
    const { gossip, keys } = this.#ports
    const isDelegate = this.#delegates().some(({ view }) => view.id === keys.self)
    if (isDelegate && this.#unsubscribe === undefined && !this.#stopped) {
      this.#unsubscribe = gossip.subscribe(SUMMARIES_TOPIC, (wire, from) => {
        this.#hear({ wire, ageMs: 0 }, from, { firstHand: true })
      })
      void this.#stayConnected()
    } else if (!isDelegate) {
      this.#unsubscribe?.()
      this.#unsubscribe = undefined
    }
  }

  #delegates (): Member[] {
    return delegatesAmong(this.#ports.table.members(), this.#options.delegates)
  }

  #periodMs (sites = this.#picture.size): number {
    const { summaryPaceMs, summaryPeriodMs } = this.#options
    return Math.max(summaryPeriodMs, summaryPaceMs * sites)
  }

  #expireMs (sites = this.#picture.size): number {
    return this.#periodMs(sites) * PERIODS_TO_EXPIRE
  }

  #publish (): void {
    const { clock, gossip } = this.#ports
    this.#spokenMs = clock.monotonicMs()
    gossip.publish(SUMMARIES_TOPIC, this.#sealOwn())
  }

  #sealOwn (): Uint8Array {
    const { clock, keys, table } = this.#ports
    const { incarnation, site } = this.#options
    const views = table.views(clock.monotonicMs())
    const up = views.filter(({ state }) => state === 'up')
    const delegates = this.#delegates().map(({ view: { id, addresses } }) => ({ id, addresses }))
    const centre = centreOf(up)
    const summary = { site, ...summarise(views), delegates, ...centre === undefined ? {} : { centre } }
    return sealSummary({ summary, speaker: keys.self, incarnation, sequence: this.#sequence++ }, keys).wire
  }

  #pictureFor ({ whole }: { whole: boolean }): Picture {
    const summaries = whole ? [this.#own(), ...this.#picture.spoken(this.#ports.clock.monotonicMs())] : []
    return { summaries, contacts: this.contacts(this.#options.site) }
  }

  #own (): Told {
    return { wire: this.#sealOwn(), ageMs: 0 }
  }

  #answer (payload: Uint8Array, peer: NodeId): Uint8Array {
    try {
      const { whole, ...picture } = unpackCloudQuestion(payload)
      this.#see(picture, peer, { firstHand: true })
      return packPicture(this.#pictureFor({ whole }))
    } catch (error) {
      this.#complainOf(error, peer)
      throw error
    }
  }

  /** Says what this site has, and hears what the other knows: all of it, or only where nodes are found. */
  async #meet ({ id, addresses }: Delegate, { whole = true, ...options }: MeetOptions): Promise<void> {
    const { transport } = this.#ports
    transport.learn(id, addresses)
    const question = packCloudQuestion({ whole, summaries: whole ? [this.#own()] : [], contacts: [] })
    try {
      const answer = await transport.link(id, CLOUD_PROTOCOL).request(question, options)
      this.#see(unpackPicture(answer), id, { firstHand: false })
    } catch (error) {
      this.#complainOf(error, id)
      throw error
    }
  }

  /** Asks a delegate of this site, or else of another. Whether somebody answered. Rejects ECANCELED. */
  async #askAny (options: MeetOptions): Promise<boolean> {
    const { keys, log, random } = this.#ports
    const own = this.#delegates().filter(({ view }) => view.id !== keys.self).map(({ view }) => view)
    for (const candidate of [...shuffled(random, own), ...this.#others().slice(0, LINKS_MIN)]) {
      try {
        await this.#meet(candidate, options)
        return true
      } catch (error) {
        if (!isCloudError(error) || isCloudError(error, 'ECANCELED')) throw error
        log.debug('resources.picture_not_had', { node: candidate.id, code: error.code })
      }
    }
    return false
  }

  /**
   * Meets delegates of other sites until this one is connected to enough of them: they alone pass summaries on. Where
   * none of them is known, or none answers, anybody else of another site is asked who they are.
   */
  async #stayConnected (): Promise<void> {
    const { random } = this.#ports
    const delegates = shuffled(random, this.#picture.delegates())
    const isLinked = ({ id }: Delegate): boolean => this.#connected.has(id)
    const links = delegates.filter(isLinked).length
    const missing = Math.max(0, Math.min(LINKS_MIN, delegates.length) - links)
    const strangers = delegates.filter(delegate => !isLinked(delegate)).slice(0, missing)
    if (await this.#reachesAny(strangers) || links > 0) return
    await this.#reachesAny(this.#contacts.outside(this.#options.site, random).slice(0, LINKS_MIN))
  }

  /** Delegates of other sites, then whoever else was met of them, in random order. */
  #others (): Contact[] {
    const { random } = this.#ports
    const delegates = shuffled(random, this.#picture.delegates())
    const known = new Set(delegates.map(({ id }) => id))
    return [...delegates, ...this.#contacts.outside(this.#options.site, random).filter(({ id }) => !known.has(id))]
  }

  #knowsOthers (): boolean {
    return this.#picture.size > 0 || this.#contacts.all().some(({ site }) => site !== this.#options.site)
  }

  #see ({ summaries, contacts }: Picture, from: NodeId, { firstHand }: { firstHand: boolean }): void {
    // What is about to be forgotten is no news because others forget it later.
    const expireMs = this.#expireMs(Math.max(this.#picture.size, summaries.length))
    for (const told of summaries) if (told.ageMs < expireMs) this.#hear(told, from, { firstHand })
    this.#ports.met(contacts)
  }

  /** `firstHand`: nobody has asked `from`, so it speaks for its own site alone. */
  #hear ({ wire, ageMs }: Told, from: NodeId, { firstHand }: { firstHand: boolean }): void {
    const { clock, keys, table } = this.#ports
    try {
      const spoken = openSummary(wire, keys)
      if (firstHand && spoken.speaker !== from) throw new CloudError('EPROTO', 'A summary came from another speaker.')
      if (spoken.speaker === keys.self) return
      const { site, delegates } = spoken.summary
      const isOwn = site === this.#options.site
      // Whose round comes first speaks, and the other delegates leave it at that.
      if (isOwn && firstHand && table.byId(spoken.speaker)?.view.state === 'up') this.#spokenMs = clock.monotonicMs()
      // Of this very site somebody else may speak, from beyond a cut.
      const isNews = isOwn || this.#picture.hear(spoken, clock.monotonicMs() - ageMs)
      if (isNews) this.#ports.met(delegates.map(({ id, addresses }): Contact => ({ site, id, addresses })))
    } catch (error) {
      this.#complainOf(error, from)
    }
  }

  #complainOf (error: unknown, peer: NodeId): void {
    if (!isCloudError(error)) throw error
    if (isCloudError(error, 'EPROTO')) this.#ports.complaints.note(peer, error.message)
  }

  /** A site that is silent is called upon once more before it is held to be down: one event, however large it was. */
  async #giveUpSilentSites (): Promise<void> {
    const { clock, events, keys } = this.#ports
    for (const { site, up, delegates } of this.#picture.expire(clock.monotonicMs(), this.#expireMs())) {
      if (await this.#reachesAny(delegates) || this.#stopped) continue
      const first = this.#delegates()[0]
      if (first?.view.id === keys.self) events.emit('zoneDown', { zone: site, nodes: up })
    }
  }

  /** Meets all of these; whether one of them answered. */
  async #reachesAny (delegates: readonly Delegate[]): Promise<boolean> {
    const answers = await mapConcurrently(delegates, LINKS_MIN, async delegate => {
      try {
        await this.#meet(delegate, { timeoutMs: this.#options.dialTimeoutMs })
        return true
      } catch (error) {
        if (!isCloudError(error)) throw error
        this.#ports.log.debug('resources.site_not_reached', { node: delegate.id, code: error.code })
        return false
      }
    })
    return answers.includes(true)
  }
}

import { repeat } from '@welkin/async'
import {
  drawOne, isCloudError, siteOf, type AbortOptions, type Cancel, type Clock, type CloudView, type Coordinate, type Disk,
  type Events, type Gossip, type Keys, type Located, type Logger, type Machine, type Members, type Membership,
  type MetricRegister, type NodeId, type NodePromises, type NodeView, type Random, type Service,
  type SiteSummary, type Transport, type Zone
} from '@welkin/interface'
import type { Calls } from '../../dispatch/index.ts'
import { CloudGossip } from './cloud/cloud-gossip.ts'
import { Rosters } from './cloud/rosters.ts'
import { Detector } from './detection/detector.ts'
import { Rings } from './detection/rings.ts'
import { ZoneLosses } from './detection/zone-losses.ts'
import { nextIncarnation } from './incarnation.ts'
import { Joining } from './joining.ts'
import { KnownAddresses } from './known-addresses.ts'
import { registerMetrics, type ResourcesMetrics } from './metrics.ts'
import type { ResourcesOptions } from './options.ts'
import { Complaints } from './site/complaints.ts'
import { Rumours } from './site/rumours.ts'
import type { Contact } from './site/messages.ts'
import { SiteGossip } from './site/site-gossip.ts'
import { SiteTable, type Member, type Outcome } from './site/site-table.ts'
import { OwnNode, type OwnFacts } from './statements/own-node.ts'
import { isLater, type Stamp } from './statements/stamp.ts'
import { sealAccusation } from './statements/statement.ts'

interface ResourcesPorts {
  clock: Clock
  random: Random
  keys: Keys
  transport: Transport
  gossip: Gossip
  disk: Disk
  machine: Machine
  calls: Calls
  events: Events
  log: Logger
  metrics: MetricRegister
  /** Who may take part; undefined: anybody. */
  members: Members | undefined
  /** What this node has promised to objects, as of now. */
  promises: () => NodePromises
  /** Where this node stands, as far as it knows. */
  coordinate: () => Coordinate | undefined
  /** Is told of every round trip that a probe has measured. */
  measured: (peer: NodeId, coordinate: Coordinate | undefined, rttMs: number) => void
}

type Patience = AbortOptions & { timeoutMs?: number }

/** What a node is told about itself: its facts, and the addresses of nodes through which to join. */
export interface OwnSettings extends OwnFacts { join: readonly string[] }

/** Neighbours that are told the farewell. */
const FAREWELL_WIDTH = Number.POSITIVE_INFINITY
/** Nodes of this site that wait to be called upon. */
const STRANGERS_MAX = 64

/** The membership of the cloud: this site by gossip among all its nodes, the other sites by their delegates. */
export function createResources (
  ports: ResourcesPorts, settings: OwnSettings, options: ResourcesOptions
): Membership & Service {
  return new GossipedMembership(ports, settings, options)
}

/** What there is only while the node takes part. */
interface Life { own: OwnNode, gossip: SiteGossip, detector: Detector, joining: Joining, cloud: CloudGossip }

class GossipedMembership implements Membership, Service {
  readonly name = 'resources'
  readonly self: NodeId
  readonly site: Zone
  readonly #ports: ResourcesPorts
  readonly #settings: OwnSettings
  readonly #options: ResourcesOptions
  readonly #metrics: ResourcesMetrics
  readonly #table: SiteTable
  readonly #rumours = new Rumours()
  readonly #rings: Rings
  readonly #losses: ZoneLosses
  readonly #known: KnownAddresses
  readonly #rosters: Rosters
  readonly #cancels: Cancel[] = []
  /** Nodes of this site that somebody spoke of. */
  readonly #strangers = new Set<NodeId>()
  #isCalling = false
  #cancelReport: Cancel | undefined
  #life: Life | undefined

  constructor (ports: ResourcesPorts, settings: OwnSettings, options: ResourcesOptions) {
    this.#ports = { ...ports, random: ports.random.fork('resources') }
    this.#settings = settings
    this.#options = options
    this.#metrics = registerMetrics(ports.metrics)
    this.self = ports.keys.self
    this.site = siteOf(settings.zone)
    this.#table = new SiteTable(options.nodesMax)
    this.#rings = new Rings(options.rings)
    // Whatever is suspected when the first of a zone is lost is settled by then.
    const doubtMs = options.suspicionMaxMs + options.zoneHoldMs
    this.#losses = new ZoneLosses({ holdMs: options.zoneHoldMs, doubtMs })
    this.#known = new KnownAddresses({ ...ports, isUp: id => this.#table.byId(id)?.view.state === 'up' })
    this.#rosters = new Rosters({
      ...this.#ports, own: () => this.nodes(), summaries: async patience => await this.summaries(patience)
    })
  }

  async start (): Promise<void> {
    const { clock, random } = this.#ports
    const { comparePeriodMs, reviewPeriodMs } = this.#options
    await this.#known.load()
    const incarnation = await nextIncarnation(this.#ports)
    const own = await OwnNode.create(this.#ports, this.#settings, this.#options, incarnation)
    const life = this.#life = this.#assemble(own, incarnation)
    this.#state(own, { urgent: true })
    this.#rings.add(own.handle)
    life.gossip.start()
    life.detector.start()
    life.cloud.start()
    this.#cancels.push(
      repeat(clock, reviewPeriodMs, () => this.#review(), reviewPeriodMs * random.unit()),
      repeat(clock, comparePeriodMs, () => this.#compareWithAny(), comparePeriodMs * random.unit()))
    life.joining.start()
  }

  async stop (): Promise<void> {
    const life = this.#life
    this.#life = undefined
    this.#cancelReport?.()
    for (const cancel of this.#cancels.splice(0)) cancel()
    if (life !== undefined) {
      life.joining.stop()
      life.detector.stop()
      life.cloud.stop()
      life.own.leave()
      life.gossip.tell(life.own.vitals, { urgent: true })
      await life.gossip.push(FAREWELL_WIDTH)
      life.gossip.stop()
    }
    await this.#known.settled()
  }

  nodes (): readonly NodeView[] {
    return this.#table.views(this.#ports.clock.monotonicMs())
  }

  node (id: NodeId): NodeView | undefined {
    return this.#table.view(id, this.#ports.clock.monotonicMs())
  }

  life (id: NodeId): number | undefined {
    return this.#table.byId(id)?.vitals.stamp.incarnation
  }

  neighbours (): readonly NodeView[] {
    return this.#life?.gossip.neighbours().map(({ view }) => view) ?? []
  }

  around (id: NodeId): readonly NodeView[] {
    return this.#life?.gossip.around(id).map(({ view }) => view) ?? []
  }

  sites (): readonly SiteSummary[] {
    return this.#life?.cloud.heard() ?? []
  }

  async summaries (
    { timeoutMs = this.#options.dialTimeoutMs, signal }: Patience = {}
  ): Promise<readonly SiteSummary[]> {
    return await this.#life?.cloud.summaries({ timeoutMs, signal }) ?? []
  }

  contacts (): readonly Located[] {
    const foreign = this.#life?.cloud.known().filter(({ site }) => site !== this.site) ?? []
    return foreign.map(({ id }) => ({ id }))
  }

  async everyone (options?: Patience): Promise<CloudView> {
    return await this.#rosters.everyone(options)
  }

  #assemble (own: OwnNode, incarnation: number): Life {
    const { join } = this.#settings
    const options = { ...this.#options, site: this.site, self: own.handle, timeoutMs: this.#options.probeTimeoutMs }
    const ports = {
      ...this.#ports, metrics: this.#metrics, table: this.#table, rumours: this.#rumours, rings: this.#rings,
      complaints: new Complaints(this.#ports.log, this.#metrics.nonsense)
    }
    const gossip = new SiteGossip(ports, options, {
      heard: (outcome, member) => this.#onHeard(outcome, member),
      accused: member => {
        if (member.handle !== own.handle) this.#suspect(member)
        detector.onAccused(member)
      },
      contradicted: stamp => this.#deny(stamp),
      reach: async member => await detector.reach(member),
      contacts: site => cloud.contacts(site),
      met: contacts => this.#meet(contacts)
    })
    const detector = new Detector({ ...ports, gossip }, options, {
      accuse: member => this.#accuse(member),
      down: member => this.#lose(member),
      measured: this.#ports.measured
    })
    const cloud = new CloudGossip({ ...ports, met: contacts => this.#meet(contacts) }, { ...options, incarnation })
    const joining = new Joining({
      ...ports, gossip, members: () => this.nodes(), known: () => this.#known.all(), contacts: () => cloud.known()
    }, { ...options, join })
    return { own, gossip, detector, joining, cloud }
  }

  /** Once a period: looks at itself, at who is silent, and at who has been gone for long. */
  async #review (): Promise<void> {
    const { clock } = this.#ports
    const nowMs = clock.monotonicMs()
    for (const member of this.#table.silent(nowMs, this.#options.expireMs)) {
      if (member.view.id !== this.self) this.#lose(member)
    }
    const isRevoked = ({ view: { id, state } }: Member): boolean =>
      state === 'up' && this.#ports.members?.isRevoked(id) === true
    for (const member of [...this.#table.members()].filter(isRevoked)) this.#lose(member)
    // Who fell silent may be beyond a cut, and is still looked for; who took leave is not.
    for (const { view, vitals } of this.#table.forget(nowMs, this.#options.forgetMs)) {
      if (vitals.vitals.leaving) this.#known.forget(view.id)
    }
    this.#metrics.nodes.set(this.#table.count('up'), { state: 'up' })
    this.#metrics.nodes.set(this.#table.count('down'), { state: 'down' })
    const { own } = this.#life ?? {}
    const change = await own?.review()
    // The farewell is the last word, though the load may come after it.
    if (this.#life === undefined || own === undefined || change === 'none') return
    this.#state(own, { urgent: change === 'urgent' })
  }

  /** This node says something of itself. */
  #state (own: OwnNode, { urgent }: { urgent: boolean }): void {
    const { clock } = this.#ports
    const nowMs = clock.monotonicMs()
    const { facts, vitals, handle } = own
    const isNew = this.#table.get(handle)?.facts !== facts
    if (isNew) this.#table.hearFacts(facts, nowMs)
    this.#table.hearVitals(vitals, nowMs, nowMs)
    const { gossip } = this.#life ?? {}
    gossip?.tell(vitals, { urgent })
    if (isNew) gossip?.tell(facts, { urgent })
    this.#metrics.stated.add()
  }

  /** Somebody holds this node to be silent, or knows more of it than it does itself. */
  #deny (stamp: Stamp): void {
    const { own } = this.#life ?? {}
    if (own === undefined || isLater(own.vitals.stamp, stamp)) return // denied already
    own.restate(stamp)
    this.#state(own, { urgent: true })
  }

  #accuse (member: Member): void {
    const { clock, keys, log } = this.#ports
    const { own, gossip, detector } = this.#life ?? {}
    if (own === undefined || gossip === undefined) return
    const accusation = sealAccusation(member.vitals, own.handle, keys)
    if (!this.#table.hearAccusation(accusation, clock.monotonicMs())) return
    log.debug('resources.node_accused', { node: member.view.id })
    gossip.tell(accusation, { urgent: true })
    this.#suspect(member)
    detector?.onAccused(member)
  }

  #suspect ({ accusations, view: { id, name, zone } }: Member): void {
    if (accusations.size === 1) this.#ports.events.emit('nodeSuspected', { about: id, name, zone })
  }

  #lose (member: Member): void {
    const { clock } = this.#ports
    const { id, name, zone } = member.view
    this.#table.markDown(member, clock.monotonicMs())
    this.#rings.remove(member.handle)
    this.#losses.add({ id, name, zone }, clock.monotonicMs())
    this.#reportLater()
    this.#life?.cloud.siteChanged()
  }

  #reportLater (): void {
    const { clock } = this.#ports
    const { dueMs } = this.#losses
    this.#cancelReport?.()
    this.#cancelReport = dueMs === undefined
      ? undefined
      : clock.after(Math.max(0, dueMs - clock.monotonicMs()), () => this.#report())
  }

  #report (): void {
    const { clock, events } = this.#ports
    const upIn = (zone: Zone): number => this.#table.upIn(zone).length
    const suspectedIn = (zone: Zone): number => this.#table.upIn(zone).filter(({ view }) => view.suspected).length
    for (const report of this.#losses.take(clock.monotonicMs(), upIn, suspectedIn)) {
      if ('node' in report) {
        const { id, name, zone } = report.node
        events.emit('nodeDown', { about: id, name, zone })
      } else events.emit('zoneDown', { zone: report.zone, nodes: report.nodes.length })
    }
    this.#reportLater()
  }

  #onHeard (outcome: Outcome, member: Member): void {
    const { events } = this.#ports
    const { handle, view: { id, name, zone, addresses } } = member
    const fields = { about: id, name, zone }
    const hasCome = outcome === 'joined' || outcome === 'returned' || outcome === 'restarted'
    if (hasCome) this.#rings.add(handle)
    if (outcome === 'joined') events.emit('nodeJoined', fields)
    // One whose loss was held back, and that lives on, was never gone.
    const wasToldLost = !hasCome || !this.#losses.retract(id, zone)
    if (outcome === 'restarted' || (outcome === 'returned' && wasToldLost)) events.emit('nodeReturned', fields)
    if (outcome === 'left') {
      this.#rings.remove(handle)
      events.emit('nodeLeft', fields)
    }
    if (hasCome || outcome === 'left') this.#life?.cloud.siteChanged()
    // Those that there was no room for when they came are not considered at each of their statements.
    if (hasCome || this.#known.all().has(id)) this.#known.remember(id, addresses)
    this.#life?.detector.onHeard(member)
  }

  /** Somebody said where these are found. */
  #meet (contacts: readonly Contact[]): void {
    this.#life?.cloud.met(contacts)
    for (const { site, id, addresses } of contacts) {
      if (site !== this.site) this.#known.remember(id, addresses)
      else if (this.#isStranger(id) && this.#strangers.size < STRANGERS_MAX) this.#strangers.add(id)
    }
    if (!this.#isCalling) void this.#callStrangers()
  }

  /** Whether it is worth calling upon: unknown, or up after all, perhaps. One on probation is known well enough. */
  #isStranger (id: NodeId): boolean {
    const member = this.#table.byId(id)
    return id !== this.self && (member === undefined || this.#table.mayReturn(member, this.#ports.clock.monotonicMs()))
  }

  /** Those of this site are called upon one after the other: with the first that answers, the others are known. */
  async #callStrangers (): Promise<void> {
    this.#isCalling = true
    // Each once: whoever is called upon may tell of those who were before, and of itself.
    const called = new Set<NodeId>()
    for (const id of this.#strangers) {
      this.#strangers.delete(id)
      if (called.has(id) || !this.#isStranger(id)) continue
      called.add(id)
      await this.#compareWith(id)
    }
    this.#isCalling = false
  }

  async #compareWithAny (): Promise<void> {
    // Of all that it has met: so two find each other again whose neighbours have all gone.
    const peers = [...this.#table.members()].filter(({ isMet, view }) => isMet && view.state === 'up')
    const peer = drawOne(this.#ports.random, peers)
    if (peer !== undefined) await this.#compareWith(peer.view.id, { whole: false })
  }

  /** Never rejects: who does not answer is found out by those that watch it. */
  async #compareWith (peer: NodeId, { whole = true } = {}): Promise<void> {
    const { log } = this.#ports
    const { gossip } = this.#life ?? {}
    try {
      await gossip?.compare(peer, { whole, timeoutMs: this.#options.dialTimeoutMs })
    } catch (error) {
      if (!isCloudError(error)) throw error
      log.debug('resources.not_compared', { peer, code: error.code })
    }
  }
}

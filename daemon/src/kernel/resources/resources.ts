import { repeat } from '@welkin/async'
import {
  isCloudError, type Cancel, type Clock, type Disk, type Events, type Gossip, type Keys, type Logger, type Machine,
  type MachineFacts, type MachineLoad, type Membership, type MetricRegister, type NodeId, type NodePromises,
  type NodeView, type Random, type Service, type Transport, type Zone
} from '@welkin/interface'
import { openAnnouncement, sealAnnouncement, type Announcement } from './announcement.ts'
import { nextIncarnation } from './incarnation.ts'
import { KnownAddresses } from './known-addresses.ts'
import { MemberTable, type Outcome } from './member-table.ts'
import { registerMetrics, type ResourcesMetrics } from './metrics.ts'
import { Neighbours } from './neighbours.ts'
import type { ResourcesOptions } from './options.ts'

const TOPIC = '/welkin/nodes/1'

/** What a node's record has room for. */
const ADDRESSES_MAX = 32

interface ResourcesPorts {
  clock: Clock
  random: Random
  keys: Keys
  transport: Transport
  gossip: Gossip
  disk: Disk
  machine: Machine
  events: Events
  log: Logger
  metrics: MetricRegister
  /** What this node has promised to objects, as of now. */
  promises: () => NodePromises
}

/** What this node says of itself for good. */
interface OwnFacts {
  name: string
  zone: Zone
  version: string
  drivers: readonly string[]
  /** Addresses of nodes through which to join; none: this node is the first. */
  join: readonly string[]
}

/** What this node says of itself in this life. */
interface Own { readonly machine: MachineFacts, load: MachineLoad, readonly incarnation: number, sequence: number }

/** The membership of the cloud by signed announcements: each node broadcasts its own, and hears the others'. */
export function createResources (
  ports: ResourcesPorts, facts: OwnFacts, options: ResourcesOptions
): Membership & Service {
  return new AnnouncedMembership(ports, facts, options)
}

class AnnouncedMembership implements Membership, Service {
  readonly name = 'resources'
  readonly self: NodeId
  readonly #ports: ResourcesPorts
  readonly #facts: OwnFacts
  readonly #options: ResourcesOptions
  readonly #metrics: ResourcesMetrics
  readonly #table: MemberTable
  readonly #known: KnownAddresses
  readonly #neighbours: Neighbours
  readonly #cancels: Cancel[] = []
  #own: Own | undefined
  #greeting: Cancel | undefined

  constructor (ports: ResourcesPorts, facts: OwnFacts, options: ResourcesOptions) {
    const random = ports.random.fork('resources')
    this.#ports = { ...ports, random }
    this.#facts = facts
    this.#options = options
    this.#metrics = registerMetrics(ports.metrics)
    this.self = ports.keys.self
    this.#table = new MemberTable(options.nodesMax)
    this.#known = new KnownAddresses({ ...ports, isUp: id => this.#table.isUp(id) })
    this.#neighbours = new Neighbours(
      { ...ports, random, members: () => this.nodes(), known: () => this.#known.all() },
      { ...options, join: facts.join, periodMs: options.announcePeriodMs })
  }

  async start (): Promise<void> {
    const { clock, gossip, machine, random, transport } = this.#ports
    const { announcePeriodMs } = this.#options
    await this.#known.load()
    const own = {
      machine: await machine.facts(),
      load: await machine.load(),
      incarnation: await nextIncarnation(this.#ports),
      sequence: 0
    }
    this.#publish(own)
    this.#own = own
    this.#cancels.push(
      transport.watch((_peer, state) => { if (state === 'connected') this.#greet() }),
      gossip.subscribe(TOPIC, message => { this.#onMessage(message) }),
      repeat(clock, announcePeriodMs, () => this.#round(), announcePeriodMs * random.unit()))
    this.#neighbours.start()
  }

  async stop (): Promise<void> {
    if (this.#own !== undefined) this.#tell(this.#own, { leaving: true })
    this.#own = undefined
    this.#greeting?.()
    this.#neighbours.stop()
    for (const cancel of this.#cancels.splice(0)) cancel()
    await this.#known.settled()
  }

  nodes (): readonly NodeView[] {
    return this.#table.all(this.#ports.clock.monotonicMs())
  }

  node (id: NodeId): NodeView | undefined {
    return this.#table.get(id, this.#ports.clock.monotonicMs())
  }

  async #round (): Promise<void> {
    const { clock, events } = this.#ports
    const nowMs = clock.monotonicMs()
    for (const node of this.#table.expire(nowMs, this.#options.silenceMaxMs)) {
      if (node !== this.self) events.emit('nodeDown', { about: node, name: this.node(node)?.name ?? '' })
    }
    // Who fell silent may be beyond a cut, and is still looked for; who took leave is not.
    for (const node of this.#table.forget(nowMs, this.#options.forgetMs)) this.#known.forget(node)
    this.#metrics.nodes.set(this.#table.count('up'), { state: 'up' })
    this.#metrics.nodes.set(this.#table.count('down'), { state: 'down' })
    await this.#announce()
  }

  async #announce (): Promise<void> {
    const load = await this.#load()
    // The farewell is the last word, though the load may come after it.
    if (this.#own === undefined) return
    this.#own.load = load ?? this.#own.load
    this.#tell(this.#own)
  }

  async #load (): Promise<MachineLoad | undefined> {
    const { log, machine } = this.#ports
    try {
      return await machine.load()
    } catch (error) {
      if (!isCloudError(error)) throw error
      log.warn('resources.load_unknown', { code: error.code, reason: error.message })
      return undefined
    }
  }

  /** What all others would refuse is kept back: they would hold this node to be down, and nobody would know why. */
  #tell (own: Own, options: { leaving?: boolean } = {}): void {
    try {
      this.#publish(own, options)
    } catch (error) {
      if (!isCloudError(error)) throw error
      this.#ports.log.error('resources.announcement_unfit', { reason: error.message })
    }
  }

  /** Throws EINVAL with nothing published. */
  #publish (own: Own, { leaving = false } = {}): void {
    const { clock, gossip, keys, promises, transport } = this.#ports
    const { name, zone, version, drivers } = this.#facts
    const announcement: Announcement = {
      record: {
        id: this.self, name, zone, version, drivers, addresses: transport.addresses().slice(0, ADDRESSES_MAX),
        machine: own.machine, load: { ...own.load, ...promises() }
      },
      incarnation: own.incarnation,
      sequence: own.sequence++,
      leaving
    }
    const message = sealAnnouncement(announcement, keys)
    if (!leaving) this.#table.hear(announcement, clock.monotonicMs())
    gossip.publish(TOPIC, message)
    this.#metrics.announced.add()
  }

  #onMessage (message: Uint8Array): void {
    const { clock, keys, log, transport } = this.#ports
    try {
      const announcement = openAnnouncement(message, keys)
      const { record: { id, addresses } } = announcement
      if (id === this.self) return
      const outcome = this.#table.hear(announcement, clock.monotonicMs())
      this.#metrics.heard.add(1, { outcome })
      if (outcome === 'stale' || outcome === 'full') return
      transport.learn(id, addresses)
      this.#onOutcome(outcome, announcement)
    } catch (error) {
      if (!isCloudError(error)) throw error
      this.#metrics.heard.add(1, { outcome: 'refused' })
      log.debug('resources.announcement_refused', { reason: error.message })
    }
  }

  #onOutcome (outcome: Outcome, { record: { id, name, zone, addresses } }: Announcement): void {
    const { events } = this.#ports
    const fields = { about: id, name, zone }
    const hasCome = outcome === 'joined' || outcome === 'returned' || outcome === 'restarted'
    if (outcome === 'joined') events.emit('nodeJoined', fields)
    if (outcome === 'returned' || outcome === 'restarted') events.emit('nodeReturned', fields)
    if (outcome === 'left') events.emit('nodeLeft', fields)
    if (hasCome) this.#greet()
    // Those that there was no room for when they came are not considered at each of their announcements.
    if (hasCome || this.#known.all().has(id)) this.#known.remember(id, addresses)
  }

  /** One announcement soon, however many newcomers there are, so that they need not wait for the next round. */
  #greet (): void {
    const { clock, random } = this.#ports
    this.#greeting ??= clock.after(this.#options.greetMs * (0.5 + random.unit() / 2), () => {
      this.#greeting = undefined
      void this.#announce()
    })
  }
}

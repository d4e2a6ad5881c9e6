import { backOffMs, repeat } from '@welkin/async'
import {
  drawOne, isCloudError, type Cancel, type Clock, type Disk, type Events, type Gossip, type Keys, type Logger, type Machine,
  type MachineFacts, type Membership, type MetricRegister, type NodeId, type NodePromises, type NodeView, type Random, type Service,
  type Transport, type Zone
} from '@welkin/interface'
import { openAnnouncement, sealAnnouncement, type Announcement } from './announcement.ts'
import { MemberTable, type Outcome } from './member-table.ts'
import { registerMetrics, type ResourcesMetrics } from './metrics.ts'
import type { ResourcesOptions } from './options.ts'

const TOPIC = '/welkin/nodes/1'
const KNOWN_PREFIX = 'resources/known/'
const JOIN_BACK_OFF = { firstMs: 200, maxMs: 5000, factor: 2 }

export interface ResourcesPorts {
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
export interface OwnFacts {
  name: string
  zone: Zone
  version: string
  drivers: readonly string[]
  /** Addresses of nodes through which to join; none: this node is the first. */
  join: readonly string[]
}

/** The membership of the cloud by signed announcements: each node broadcasts its own, and hears the others'. */
export function createResources (ports: ResourcesPorts, facts: OwnFacts, options: ResourcesOptions): Membership & Service {
  return new AnnouncedMembership(ports, facts, options)
}

class AnnouncedMembership implements Membership, Service {
  readonly name = 'resources'
  readonly self: NodeId
  readonly #ports: ResourcesPorts
  readonly #facts: OwnFacts
  readonly #options: ResourcesOptions
  readonly #metrics: ResourcesMetrics
  readonly #table = new MemberTable()
  readonly #connected = new Set<NodeId>()
  readonly #cancels: Cancel[] = []
  #machine: MachineFacts | undefined
  #incarnation = 0
  #sequence = 0
  #greeting: Cancel | undefined

  constructor (ports: ResourcesPorts, facts: OwnFacts, options: ResourcesOptions) {
    this.#ports = { ...ports, random: ports.random.fork('resources') }
    this.#facts = facts
    this.#options = options
    this.#metrics = registerMetrics(ports.metrics)
    this.self = ports.keys.self
  }

  async start (): Promise<void> {
    const { clock, gossip, machine, random, transport } = this.#ports
    const { announcePeriodMs } = this.#options
    this.#machine = await machine.facts()
    this.#incarnation = clock.wallMs()
    this.#cancels.push(transport.watch((peer, state) => { this.#onConnection(peer, state) }))
    this.#cancels.push(gossip.subscribe(TOPIC, message => { this.#onMessage(message) }))
    await this.#announce()
    this.#cancels.push(repeat(clock, announcePeriodMs, () => this.#round(), announcePeriodMs * random.unit()))
    void this.#join()
  }

  async stop (): Promise<void> {
    this.#greeting?.()
    for (const cancel of this.#cancels.splice(0)) cancel()
    if (this.#machine !== undefined) await this.#announce({ leaving: true })
  }

  nodes (): readonly NodeView[] {
    return this.#table.all(this.#ports.clock.monotonicMs())
  }

  node (id: NodeId): NodeView | undefined {
    return this.#table.get(id, this.#ports.clock.monotonicMs())
  }

  async #round (): Promise<void> {
    const { clock, events } = this.#ports
    await this.#announce()
    const nowMs = clock.monotonicMs()
    for (const node of this.#table.expire(nowMs, this.#options.silenceMaxMs)) {
      if (node !== this.self) events.emit('nodeDown', { about: node, name: this.node(node)?.name ?? '' })
    }
    this.#table.forget(nowMs, this.#options.forgetMs)
    this.#metrics.nodes.set(this.#table.count('up'), { state: 'up' })
    this.#metrics.nodes.set(this.#table.count('down'), { state: 'down' })
    await this.#keepNeighbours()
  }

  async #announce ({ leaving = false } = {}): Promise<void> {
    const { clock, gossip, keys, machine, promises, transport } = this.#ports
    const { name, zone, version, drivers } = this.#facts
    const announcement: Announcement = {
      record: {
        id: this.self, name, zone, version, drivers, addresses: transport.addresses(),
        machine: this.#machine as MachineFacts, load: { ...await machine.load(), ...promises() }
      },
      incarnation: this.#incarnation,
      sequence: this.#sequence++,
      leaving
    }
    if (!leaving) this.#table.hear(announcement, clock.monotonicMs())
    gossip.publish(TOPIC, sealAnnouncement(announcement, keys))
    this.#metrics.announced.add()
  }

  #onMessage (message: Uint8Array): void {
    const { clock, keys, log, transport } = this.#ports
    try {
      const announcement = openAnnouncement(message, keys)
      if (announcement.record.id === this.self) return
      const outcome = this.#table.hear(announcement, clock.monotonicMs())
      this.#metrics.heard.add(1, { outcome })
      if (outcome === 'stale' || outcome === 'full') return
      transport.learn(announcement.record.id, announcement.record.addresses)
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
    if (outcome === 'joined') events.emit('nodeJoined', fields)
    if (outcome === 'returned' || outcome === 'restarted') events.emit('nodeReturned', fields)
    if (outcome === 'left') events.emit('nodeLeft', fields)
    if (outcome === 'joined' || outcome === 'returned' || outcome === 'restarted') {
      this.#greet()
      void this.#remember(id, addresses)
    }
  }

  /** One announcement soon, however many newcomers there are, so that they need not wait for the next round. */
  #greet (): void {
    const { clock, random } = this.#ports
    this.#greeting ??= clock.after(this.#options.greetMs * (0.5 + random.unit() / 2), () => {
      this.#greeting = undefined
      void this.#announce()
    })
  }

  #onConnection (peer: NodeId, state: 'connected' | 'disconnected'): void {
    if (state === 'disconnected') this.#connected.delete(peer)
    else {
      this.#connected.add(peer)
      this.#greet()
    }
  }

  /** Where a node was found is kept, so that this node finds the cloud again after a restart. */
  async #remember (id: NodeId, addresses: readonly string[]): Promise<void> {
    const { disk, log } = this.#ports
    try {
      await disk.records.write([{ key: KNOWN_PREFIX + id, value: new TextEncoder().encode(JSON.stringify(addresses)) }])
    } catch (error) {
      if (!isCloudError(error)) throw error
      log.warn('resources.address_not_kept', { code: error.code })
    }
  }

  /** Dials the given addresses, and those of an earlier life, until somebody answers. */
  async #join (): Promise<void> {
    const { clock, disk, random } = this.#ports
    const decoder = new TextDecoder()
    const known = (await disk.records.list(KNOWN_PREFIX)).map(({ value }) => JSON.parse(decoder.decode(value)) as string[])
    const addresses = [...this.#facts.join, ...known.flatMap(list => list.slice(0, 1))]
    const attempt = async (tries: number): Promise<void> => {
      for (const address of addresses) {
        if (this.#connected.size > 0) return
        await this.#dial(address)
      }
      if (this.#connected.size > 0 || addresses.length === 0) return
      this.#cancels.push(clock.after(backOffMs(JOIN_BACK_OFF, tries, random), () => { void attempt(tries + 1) }))
    }
    await attempt(0)
  }

  /** Those who are held to be down are tried when nobody else is left: it may be this node that was cut off. */
  async #keepNeighbours (): Promise<void> {
    if (this.#connected.size >= this.#options.neighboursMin) return
    const others = this.nodes().filter(({ id }) => id !== this.self && !this.#connected.has(id))
    const up = others.filter(({ state }) => state === 'up')
    const choice = drawOne(this.#ports.random, up.length > 0 ? up : others)
    if (choice?.addresses[0] !== undefined) await this.#dial(choice.addresses[0])
  }

  async #dial (address: string): Promise<void> {
    const { log, transport } = this.#ports
    try {
      await transport.dial(address, { timeoutMs: this.#options.dialTimeoutMs })
    } catch (error) {
      if (!isCloudError(error)) throw error
      log.debug('resources.dial_failed', { address, code: error.code })
    }
  }
}

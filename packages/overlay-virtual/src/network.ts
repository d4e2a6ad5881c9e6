import type { Clock, Gossip, Logger, NodeId, Random, Transport } from '@welkin/interface'
import type { LinkQuality, LinksBetween } from '@welkin/links'
import type { Death, Life, Timeline } from '@welkin/platform-virtual'
import { Connection, connectionLost, type End } from './connection.ts'
import { VirtualGossip } from './gossip.ts'
import { Host } from './host.ts'
import { sizeOf, type Delivery, type Message, type Traffic } from './message.ts'
import { Station } from './station.ts'
import { VirtualTransport } from './transport.ts'

export interface NetworkOptions {
  timeline: Timeline
  random: Random
  links: LinksBetween
  /** How long a silent peer is waited for before a connection to it is given up. */
  silenceMsMax?: number
  /** How long a connection may take to come about. */
  connectMsMax?: number
  /** Sees every message that arrives. */
  observe?: (delivery: Delivery) => void
}

/** From a node to itself. */
const LOOPBACK: LinkQuality = { latencyMs: 0.02, jitterMs: 0, bytesPerSecond: 5e9, lossRatio: 0 }

/**
 * What a network does to connections, until somebody says otherwise. Over libp2p a silent peer is given up after one to
 * two of its probe periods, ten to twenty seconds: this is the mean.
 */
const DEFAULTS = { silenceMsMax: 15_000, connectMsMax: 10_000 }

/** The network between all nodes: stations that are joined to it, links, cuts, and connections over them. */
export class Network {
  readonly timeline: Timeline
  readonly silenceMsMax: number
  readonly connectMsMax: number
  readonly #random: Random
  readonly #observe: ((delivery: Delivery) => void) | undefined
  readonly #stations = new Map<NodeId, Station>()
  #links: LinksBetween

  constructor (options: NetworkOptions) {
    const { timeline, random, links, observe, silenceMsMax, connectMsMax } = { ...DEFAULTS, ...options }
    this.timeline = timeline
    this.#links = links
    this.silenceMsMax = silenceMsMax
    this.connectMsMax = connectMsMax
    this.#random = random
    this.#observe = observe
  }

  /** Gives the node `name` its ways to others for one life. When the life ends, others learn of it as they would. */
  join (name: NodeId, ports: { life: Life, clock: Clock, log: Logger }): { transport: Transport, gossip: Gossip } {
    const { life, clock, log } = ports
    const station = this.#stationOf(name)
    if (this.isUp(name)) throw new Error(`${name} is on the network already.`)
    const host = new Host({ network: this, name, station, life, clock, log, random: this.#random.fork(`host ${name}`) })
    station.host = host
    life.onEnd(death => this.#bury(host, death))
    return { transport: new VirtualTransport(host), gossip: new VirtualGossip(host) }
  }

  /** How the way from one node to another is now. */
  linkBetween (from: NodeId, to: NodeId): LinkQuality {
    if (from === to) return LOOPBACK
    const quality = this.#links(from, to)
    return this.#stationOf(from).isCutTo(to) ? { ...quality, cut: true } : quality
  }

  /** Whether nothing passes from one node to another now. */
  isCut (from: NodeId, to: NodeId): boolean {
    return this.linkBetween(from, to).cut === true
  }

  /** Replaces the links. What these cut is cut from now on, and what only the earlier ones did is mended. */
  useLinks (links: LinksBetween): void {
    this.#links = links
    for (const { host } of this.#stations.values()) {
      for (const end of host?.ends() ?? []) end.checkWay()
    }
  }

  /** Cuts the way from one node to another; what is in the air arrives. */
  cut (from: NodeId, to: NodeId): void {
    const station = this.#stationOf(from)
    station.cut(to)
    station.host?.endTo(to)?.checkWay()
  }

  /** Mends the way from one node to another, where the links do not cut it. */
  mend (from: NodeId, to: NodeId): void {
    const station = this.#stationOf(from)
    station.mend(to)
    station.host?.endTo(to)?.checkWay()
  }

  /** Cuts all ways between nodes of different groups, or one way only: from earlier groups to later ones. */
  partition (groups: ReadonlyArray<readonly NodeId[]>, direction: 'both' | 'forward' = 'both'): void {
    for (const [from, to] of pairsBetween(groups, direction)) this.cut(from, to)
  }

  /** From now on nobody can connect to this node, as behind NAT; it connects to others, and its connections stay. */
  hide (name: NodeId): void {
    this.#stationOf(name).isHidden = true
  }

  isHidden (name: NodeId): boolean {
    return this.#stationOf(name).isHidden
  }

  /** Mends all ways. */
  heal (): void {
    for (const [from, station] of this.#stations) {
      for (const to of station.cuts()) this.mend(from, to)
    }
  }

  /** Breaks the connection between two nodes at both ends, now. */
  disconnect (a: NodeId, b: NodeId): void {
    const end = this.#stations.get(a)?.host?.endTo(b)
    if (end !== undefined) this.breakBoth(end)
  }

  /** Breaks a connection at both ends, now. */
  breakBoth (end: End): void {
    for (const each of [end, end.other]) each.break(connectionLost(each.peer))
  }

  /** What a node has sent and received so far. */
  trafficOf (name: NodeId): Readonly<Traffic> {
    return this.#stationOf(name).trafficAt(this.timeline.nowMs)
  }

  /** Whether a daemon of this name is on the network. */
  isUp (name: NodeId): boolean {
    return this.#stations.get(name)?.host?.life.over === false
  }

  /** The node of this name, if one was ever on the network; it may be dead. */
  hostOf (name: NodeId): Host | undefined {
    return this.#stations.get(name)?.host
  }

  /** Opens a connection between two nodes that both live. */
  connect (near: Host, far: Host): End {
    const { ends: [first, second] } = new Connection(this, near, far)
    near.adopt(first)
    if (far !== near) far.adopt(second)
    return first
  }

  countDelivery (from: Host, to: Host, message: Message): void {
    if (from !== to) to.station.countReceived(sizeOf(message))
    if (this.#observe === undefined) return
    const { kind, about, payload } = message
    this.#observe({ kind, about, payload, atMs: this.timeline.nowMs, from: from.name, to: to.name })
  }

  // A dead daemon's system resets its connections at once; a machine without power says nothing.
  #bury (host: Host, death: Death): void {
    host.station.countConnections(0, this.timeline.nowMs)
    for (const { other } of host.ends()) {
      const { latencyMs, cut } = this.linkBetween(host.name, other.host.name)
      const told = death === 'crash' && cut !== true
      this.timeline.after(told ? latencyMs : this.silenceMsMax, () => other.break(connectionLost(host.name)))
    }
  }

  #stationOf (name: NodeId): Station {
    let station = this.#stations.get(name)
    if (station === undefined) {
      station = new Station()
      this.#stations.set(name, station)
    }
    return station
  }
}

function * pairsBetween (
  groups: ReadonlyArray<readonly NodeId[]>, direction: 'both' | 'forward'
): Generator<[NodeId, NodeId]> {
  for (const [place, group] of groups.entries()) {
    const others = groups.filter((_other, i) => direction === 'both' ? i !== place : i > place).flat()
    for (const from of group) {
      for (const to of others) yield [from, to]
    }
  }
}

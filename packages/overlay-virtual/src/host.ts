import {
  CloudError, type Clock, type Handler, type Logger, type NodeId, type Random, type Relays
} from '@welkin/interface'
import type { Life } from '@welkin/platform-virtual'
import type { End } from './connection.ts'
import { DetourEnd } from './detour-end.ts'
import { Detours } from './detours.ts'
import type { VirtualGossip } from './gossip.ts'
import type { Network } from './network.ts'
import type { Station } from './station.ts'

/** TCP's handshake, the keys and the multiplexer: what passes before the first message can be sent. */
const ROUND_TRIPS_TO_CONNECT = 3

/** How far the direct way is ahead of detours. */
const HEAD_START_MS = 1000

/** A first packet without an answer is sent again after this, then after twice as long, and so on. */
const RETRY_MS = 1000

export type PeerWatcher = (peer: NodeId, state: 'connected' | 'disconnected') => void

interface HostParts {
  network: Network
  name: NodeId
  station: Station
  life: Life
  clock: Clock
  log: Logger
  random: Random
}

/** One life of a node on the network: its connections, and whom it knows. */
export class Host implements Readonly<HostParts> {
  readonly network: Network
  readonly name: NodeId
  readonly station: Station
  readonly life: Life
  readonly clock: Clock
  readonly log: Logger
  readonly random: Random
  readonly handlers = new Map<string, Handler>()
  readonly watchers = new Set<PeerWatcher>()
  gossip: VirtualGossip | undefined
  /** Who may help where there is no direct way; undefined: nobody. */
  relays: Relays | undefined
  readonly detours: Detours
  readonly #ends = new Map<NodeId, End>()
  readonly #connecting = new Map<NodeId, Promise<End>>()
  readonly #known = new Set<NodeId>()

  constructor ({ network, name, station, life, clock, log, random }: HostParts) {
    this.network = network
    this.name = name
    this.station = station
    this.life = life
    this.clock = clock
    this.log = log
    this.random = random
    this.detours = new Detours(this)
    this.#known.add(name)
  }

  /** Whom it is connected to directly, itself left out. */
  peers (): NodeId[] {
    return [...this.#ends.values()].filter(end => !(end instanceof DetourEnd) && end.peer !== this.name)
      .map(({ peer }) => peer)
  }

  ends (): End[] {
    return [...this.#ends.values()]
  }

  endTo (peer: NodeId): End | undefined {
    return this.#ends.get(peer)
  }

  /** The direct connection, if there is one. */
  directTo (peer: NodeId): End | undefined {
    const end = this.#ends.get(peer)
    return end instanceof DetourEnd ? undefined : end
  }

  learn (peer: NodeId): void {
    this.#known.add(peer)
  }

  adopt (end: End): void {
    const { peer } = end
    const before = this.#ends.get(peer)
    if (end instanceof DetourEnd) this.detours.hasTaken(end)
    else this.#known.add(peer)
    if (before !== undefined && end instanceof DetourEnd) return
    this.#ends.set(peer, end)
    this.#countConnections()
    if (before === undefined) this.#tell(peer, 'connected')
    else this.gossip?.neighboursChanged()
    if (!(end instanceof DetourEnd)) this.detours.straightened(peer)
  }

  forget (end: End): void {
    if (this.#ends.get(end.peer) !== end) return
    this.#ends.delete(end.peer)
    this.#countConnections()
    this.#tell(end.peer, 'disconnected')
  }

  /** The connection to a peer that is known, opened where there is none. Rejects EHOSTUNREACH, EHOSTDOWN. */
  async connect (peer: NodeId): Promise<End> {
    if (this.relays === undefined || this.#ends.has(peer)) return await this.#connectDirectly(peer)
    await this.life.alive()
    const open = this.#ends.get(peer)
    if (open !== undefined) return open
    if (!this.detours.mayLeadTo(peer)) return await this.#connectDirectly(peer)
    const isAvoided = !this.#known.has(peer) || this.detours.isRetrying(peer)
    return isAvoided
      ? await this.detours.connect(peer).catch(async () => await this.#connectDirectly(peer))
      : await this.#connectEitherWay(peer)
  }

  /** The direct connection to a peer that need not be known; it is, when this resolves. Rejects EHOSTDOWN. */
  async dial (peer: NodeId): Promise<End> {
    await this.life.alive()
    const open = this.directTo(peer)
    if (open !== undefined) return open
    let connecting = this.#connecting.get(peer)
    if (connecting === undefined) {
      connecting = this.#open(peer).finally(() => { this.#connecting.delete(peer) })
      this.#connecting.set(peer, connecting)
    }
    return await connecting
  }

  async #connectDirectly (peer: NodeId): Promise<End> {
    const open = this.#ends.get(peer)
    if (open !== undefined) {
      await this.life.alive()
      if (this.#ends.get(peer) === open) return open
    }
    if (this.#known.has(peer)) return await this.dial(peer)
    throw new CloudError('EHOSTUNREACH', `No address of ${peer} is known; learn one first.`, { fields: { peer } })
  }

  /** The direct way is ahead, and others are tried when that takes long or has failed. */
  async #connectEitherWay (peer: NodeId): Promise<End> {
    const direct = this.dial(peer)
    const late = new Promise<void>(resolve => {
      const cancel = this.life.after(HEAD_START_MS, resolve)
      direct.then(cancel, () => resolve())
    })
    const detour = late.then(async () => this.#ends.get(peer) ?? await this.detours.connect(peer))
    try {
      return await Promise.any([direct, detour])
    } catch {
      return await direct
    }
  }

  async #open (peer: NodeId): Promise<End> {
    const { network } = this
    const { connectMsMax } = network
    const roundTripMs = network.linkBetween(this.name, peer).latencyMs + network.linkBetween(peer, this.name).latencyMs
    await this.life.pass(roundTripMs * ROUND_TRIPS_TO_CONNECT)
    for (let retryMs = RETRY_MS, waitedMs = 0; ; waitedMs += retryMs, retryMs *= 2) {
      const far = this.#reach(peer)
      // The other side may have opened one meanwhile.
      if (far !== undefined) return this.directTo(peer) ?? network.connect(this, far)
      if (waitedMs + retryMs > connectMsMax) {
        await this.life.pass(connectMsMax - waitedMs)
        throw this.#down(peer, 'it does not answer')
      }
      await this.life.pass(retryMs)
    }
  }

  /** The peer, if it answers now; undefined if nothing comes back. Throws EHOSTDOWN if its machine refuses. */
  #reach (peer: NodeId): Host | undefined {
    const { network } = this
    const far = network.hostOf(peer)
    if (far === undefined || network.isHidden(peer)) return undefined
    if (network.isCut(this.name, peer) || network.isCut(peer, this.name)) return undefined
    if (far.life.death === 'crash') throw this.#down(peer, 'nobody listens there')
    return far.life.over || far.life.paused ? undefined : far
  }

  #down (peer: NodeId, why: string): CloudError {
    const message = `${peer} cannot be connected to: ${why}. Try again later, or another node.`
    return new CloudError('EHOSTDOWN', message, { fields: { peer } })
  }

  #countConnections (): void {
    const toItself = this.#ends.has(this.name) ? 1 : 0
    this.station.countConnections(this.#ends.size - toItself, this.network.timeline.nowMs)
  }

  #tell (peer: NodeId, state: 'connected' | 'disconnected'): void {
    if (peer === this.name) return
    this.gossip?.neighboursChanged()
    for (const watcher of this.watchers) watcher(peer, state)
  }
}

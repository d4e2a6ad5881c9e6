import type { AbortOptions, Connection, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { Gate, repeat, Retries, sleep, withDeadline } from '@welkin/async'
import {
  CloudError, type Cancel, type Clock, type Logger, type NodeId, type Random, type Relays
} from '@welkin/interface'
import type { AddressBook } from '../address-book.ts'
import type { Libp2pNode } from '../libp2p-node.ts'
import type { OverlayMetrics } from '../metrics.ts'
import { Detours } from './detours.ts'
import { RELAY_PROTOCOL, RELAYED_PROTOCOL } from './preamble.ts'
import { RelayBudget, type RelayBounds } from './relay-budget.ts'
import { Relay } from './relay.ts'
import { Silence } from './silence.ts'

/** In this, one relay must have led to a connection: then another can still be tried. */
const RELAY_TIMEOUT_MS = 4000
/** Relayed connections beside direct ones are looked at so often, and closed where nothing is under way on them. */
const LINGER_MS = 2000
/** How often the direct way is tried that did not work. */
const RETRY = { firstMs: 2000, maxMs: 60_000, factor: 2 }
/** Direct ways that are tried again at a time: each may take as long as making a connection may. */
const RETRIES_MAX = 2
/** Streams that one connection may have open for a protocol of relays; how many are passed on, the budget says. */
const STREAMS_MAX = 128

/** What is private to libp2p's connections and used here all the same: the other end answers it unasked. */
interface Probed { muxer: { ping: (options?: AbortOptions) => Promise<number> } }

export interface WaysPorts {
  node: Libp2pNode
  clock: Clock
  random: Random
  log: Logger
  metrics: OverlayMetrics
  addresses: AddressBook
  dialTimeoutMs: number
  /** Connections that are made at a time. */
  dialsMax: number
  /** Milliseconds that the direct way is ahead of detours. */
  headStartMs: number
  bounds: RelayBounds
  /** A direct way to a peer works again: what was under way goes on as it is, what comes goes there. */
  straightened: (peer: NodeId) => void
  /** Whether nothing is under way on a connection. */
  isIdle: (connection: Connection) => boolean
  /** Whether a call of this node waits for its answer on a connection. */
  waits: (connection: Connection) => boolean
}

/** The connections to peers: direct ones, and relayed ones for as long as there is no direct way. */
export class Ways {
  readonly #ports: WaysPorts
  readonly #dials: Gate
  readonly #retries = new Gate(RETRIES_MAX)
  readonly #silences = new Map<Connection, Silence>()
  /** Relayed connections that are not needed, and on which nothing was under way at the last look. */
  #idle = new Set<Connection>()
  readonly #mending: Retries<NodeId>
  #relays: Relays | undefined
  #detours: Detours | undefined
  #cancelSweep: Cancel = () => {}
  #closed = false

  constructor (ports: WaysPorts) {
    this.#ports = ports
    this.#dials = new Gate(ports.dialsMax)
    this.#mending = new Retries<NodeId>({ ...ports, backOff: RETRY, retry: async peer => await this.#retry(peer) })
    ports.node.addEventListener('connection:open', ({ detail }) => this.#onOpen(detail))
    ports.node.addEventListener('connection:close', ({ detail }) => this.#onClose(detail))
  }

  /** From now on detours are taken, and others' are let through here. Resolves when others may know. */
  async relay (relays: Relays): Promise<void> {
    const isFirst = this.#relays === undefined
    this.#relays = relays
    if (isFirst) await this.#open(relays)
  }

  async #open (relays: Relays): Promise<void> {
    const current = (): Relays => this.#relays ?? relays
    const { bounds, node, node: { services: { upgrader } } } = this.#ports
    const ports = {
      ...this.#ports, upgrader, self: node.peerId.toString(), patienceMs: RELAY_TIMEOUT_MS,
      relays: {
        through: (peer: NodeId) => current().through(peer), admits: (peer: NodeId) => current().admits(peer)
      },
      budget: new RelayBudget(bounds),
      reach: async (peer: NodeId, signal: AbortSignal) => this.#openTo(peer, isDirect) ?? await this.#dial(peer, signal)
    }
    const detours = this.#detours = new Detours(ports)
    const relay = new Relay(ports)
    const limits = { maxInboundStreams: STREAMS_MAX, maxOutboundStreams: STREAMS_MAX }
    const asked = (stream: Stream, connection: Connection): void => { void relay.serve(stream, connection) }
    const accepted = (stream: Stream, connection: Connection): void => { void detours.accept(stream, connection) }
    this.#cancelSweep = repeat(this.#ports.clock, LINGER_MS, () => this.#sweep())
    await Promise.all([node.handle(RELAY_PROTOCOL, asked, limits), node.handle(RELAYED_PROTOCOL, accepted, limits)])
  }

  /** An open connection, a direct one where there are several. */
  to (peer: NodeId): Connection | undefined {
    return this.#openTo(peer, isDirect) ?? this.#openTo(peer, isRelayed)
  }

  /** Makes a connection: a direct one, or after a while, or where that did not work lately, one through others. */
  async connect (peer: NodeId): Promise<Connection> {
    const { addresses, clock, headStartMs } = this.#ports
    const detours = this.#detours
    if (detours?.mayLeadTo(peer) !== true) return await this.#dial(peer)
    const isAvoided = addresses.get(peer).length === 0 || this.#mending.has(peer)
    if (isAvoided) return await detours.connect(peer).catch(async () => await this.#dial(peer))
    const direct = this.#dial(peer)
    const failed = new Promise<void>(resolve => { direct.catch(() => resolve()) })
    const overtaken = new AbortController()
    const detour = Promise.race([failed, sleep(clock, headStartMs, overtaken)])
      .then(async () => this.to(peer) ?? await detours.connect(peer))
    try {
      return await Promise.any([direct, detour])
    } catch {
      return await direct // which has failed as well, for a reason of its own
    } finally {
      overtaken.abort()
    }
  }

  /** A call goes out on a connection, and any byte is awaited. */
  asked (connection: Connection | undefined): void {
    if (connection !== undefined) this.#silences.get(connection)?.asked()
  }

  heard (connection: Connection): void {
    this.#silences.get(connection)?.heard()
  }

  close (): void {
    for (const silence of this.#silences.values()) silence.stop()
    this.#closed = true
    this.#cancelSweep()
    this.#mending.stop()
  }

  #openTo (peer: NodeId, isFit: (connection: Connection) => boolean): Connection | undefined {
    return this.#ports.node.getConnections(peerIdFromString(peer))
      .find(connection => connection.status === 'open' && isFit(connection))
  }

  async #dial (peer: NodeId, given?: AbortSignal, gate = this.#dials): Promise<Connection> {
    const { addresses, dialTimeoutMs, node } = this.#ports
    return await gate.run(async () => {
      if (this.#closed) throw hasLeft()
      const known = addresses.get(peer)
      const signal = given ?? AbortSignal.timeout(dialTimeoutMs)
      return await node.dial(known.length > 0 ? [...known] : peerIdFromString(peer), { signal })
    }, given === undefined ? {} : { signal: given })
  }

  async #retry (peer: NodeId): Promise<boolean> {
    if (this.#openTo(peer, isDirect) !== undefined) return true
    if (this.#ports.addresses.get(peer).length === 0) return false
    return await this.#dial(peer, undefined, this.#retries).then(() => true, () => false)
  }

  #onOpen (connection: Connection): void {
    if (this.#closed) return
    const peer = connection.remotePeer.toString()
    if (isDirect(connection)) this.#silences.set(connection, this.#listenTo(connection))
    if (isRelayed(connection)) {
      connection.addEventListener('close', ({ error }) => {
        if (error !== undefined && !this.#closed) this.#detours?.disappointedBy(connection)
      })
      if (this.#openTo(peer, isDirect) === undefined) this.#mending.begin(peer)
      this.#countDetours()
    } else if (this.#openTo(peer, isRelayed) !== undefined || this.#mending.has(peer)) {
      this.#mending.end(peer)
      this.#ports.straightened(peer)
    }
  }

  #listenTo (connection: Connection): Silence {
    const { clock, waits } = this.#ports
    return new Silence({
      clock,
      probe: async () => await probe(connection),
      waits: () => waits(connection),
      mute: () => { void this.#doubt(connection.remotePeer.toString()) }
    })
  }

  /**
   * Nothing comes directly from a peer. It may be busy, or stopped: then it does not answer in other ways either, and
   * is waited for. Where it does, its direct connections are of no use any more.
   */
  async #doubt (peer: NodeId): Promise<void> {
    const { clock, log, node } = this.#ports
    const sinceMs = clock.monotonicMs()
    if (this.#closed || this.#detours?.mayLeadTo(peer) !== true) return
    try {
      const relayed = this.#openTo(peer, isRelayed) ?? await this.#detours.connect(peer)
      const answer = { timeoutMs: RELAY_TIMEOUT_MS, what: `The probe of ${peer}` }
      await withDeadline(clock, answer, async () => await probe(relayed))
    } catch (error) {
      log.debug('overlay.silence_unexplained', { peer, error })
      return
    }
    const isMute = (connection: Connection): boolean => (this.#silences.get(connection)?.heardMs ?? sinceMs) < sinceMs
    const mute = node.getConnections(peerIdFromString(peer)).filter(each => isDirect(each) && isMute(each))
    if (mute.length === 0) return
    log.debug('overlay.mute_connections_ended', { peer, count: mute.length })
    for (const connection of mute) connection.abort(new Error('The peer answers through others and not directly.'))
    if (this.#openTo(peer, isDirect) === undefined) this.#mending.begin(peer)
  }

  #onClose (connection: Connection): void {
    this.#silences.get(connection)?.stop()
    this.#silences.delete(connection)
    if (!isRelayed(connection)) return
    const peer = connection.remotePeer.toString()
    if (this.#openTo(peer, isRelayed) === undefined) this.#mending.end(peer)
    this.#countDetours()
  }

  /** Closes relayed connections that are not needed any more, when the other end has had time to know that as well. */
  #sweep (): void {
    const { isIdle, node } = this.#ports
    const idle = new Set<Connection>()
    for (const connection of node.getConnections()) {
      if (connection.status !== 'open' || !isRelayed(connection) || !isIdle(connection)) continue
      if (this.#openTo(connection.remotePeer.toString(), isDirect) === undefined) continue
      if (!this.#idle.has(connection)) idle.add(connection)
      else connection.close({ signal: AbortSignal.timeout(LINGER_MS) }).catch((error: Error) => connection.abort(error))
    }
    this.#idle = idle
  }

  #countDetours (): void {
    this.#ports.metrics.detours.set(this.#ports.node.getConnections().filter(isRelayed).length)
  }
}

export function hasLeft (): CloudError {
  return new CloudError('ECONNRESET', 'This node has left the overlay; start it again.')
}

async function probe (connection: Connection): Promise<void> {
  await (connection as unknown as Probed).muxer.ping()
}

function isRelayed ({ limits }: Connection): boolean {
  return limits !== undefined
}

function isDirect (connection: Connection): boolean {
  return !isRelayed(connection)
}

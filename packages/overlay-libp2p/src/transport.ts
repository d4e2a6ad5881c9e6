import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { withDeadline } from '@welkin/async'
import {
  CloudError, type Cancel, type Channel, type Clock, type Handler, type Incoming, type Link, type Logger, type NodeId,
  type Random, type Relays, type RequestOptions, type Transport
} from '@welkin/interface'
import { ConnectingPipe, pipePair, Wire, type Call, type Pipe, type WireLimits } from '@welkin/wire'
import { AddressBook, addressOf, peerIn } from './address-book.ts'
import { explainDialError, notServed } from './dial-errors.ts'
import type { Libp2pNode } from './libp2p-node.ts'
import type { OverlayMetrics } from './metrics.ts'
import { hasLeft, Ways, type RelayBounds } from './relaying/index.ts'
import { StreamPipe } from './stream-pipe.ts'

/** Channels go on a stream of their own, so that requests do not stand behind them in one stream's window. */
const BULK = '/bulk'

/** Streams that one connection may open for a protocol: one is used, and a few may overlap while links mend. */
const STREAMS_MAX = 8

/** libp2p lets a stream pass over a relayed connection where its protocol says so. */
const RELAYED_TOO = { runOnLimitedConnection: true }

export interface Libp2pTransportOptions {
  node: Libp2pNode
  clock: Clock
  random: Random
  log: Logger
  metrics: OverlayMetrics
  dialTimeoutMs: number
  /** Connections that are made at a time. */
  dialsMax: number
  /** Milliseconds that the direct way is ahead of detours. */
  headStartMs: number
  /** How much this node passes on for others. */
  relaying: RelayBounds
  limits: Partial<WireLimits> | undefined
}

/**
 * One libp2p connection per pair of nodes, and on it for each protocol and direction of calling one stream for
 * requests and one for channels. Each end calls on streams that it opened and answers on those that the other did: so
 * two ends that start at once have nothing to agree on, and what one direction breaks, the other does not feel.
 */
export class Libp2pTransport implements Transport {
  readonly self: NodeId
  readonly #options: Libp2pTransportOptions
  readonly #addresses = new AddressBook()
  readonly #links = new Map<string, PeerLink>()
  readonly #handlers = new Map<string, Handler>()
  /** Each with the connection that it goes over, once there is one. */
  readonly #wires = new Map<Wire, Connection | undefined>()
  readonly #ways: Ways
  #closed = false

  constructor (options: Libp2pTransportOptions) {
    this.#options = options
    this.#ways = new Ways({
      ...options,
      addresses: this.#addresses,
      bounds: options.relaying,
      straightened: peer => this.#straighten(peer),
      isIdle: connection => this.#wiresOver(connection).every(wire => wire.idle),
      waits: connection => this.#wiresOver(connection).some(wire => wire.waits)
    })
    this.self = options.node.peerId.toString()
  }

  addresses (): readonly string[] {
    return this.#options.node.getMultiaddrs().map(address => address.toString())
  }

  learn (peer: NodeId, addresses: readonly string[]): void {
    const useless = this.#addresses.learn(peer, addresses)
    if (useless.length > 0) this.#options.log.debug('overlay.addresses_ignored', { peer, addresses: useless })
  }

  async dial (address: string, options: RequestOptions = {}): Promise<NodeId> {
    const target = addressOf(address)
    const named = peerIn(target)
    if (named === this.self) return this.self
    const { clock, dialTimeoutMs, node } = this.#options
    const limits = { timeoutMs: options.timeoutMs ?? dialTimeoutMs, signal: options.signal, what: `Dialing ${address}` }
    this.#checkOpen()
    return await withDeadline(clock, limits, async signal => {
      try {
        return (await node.dial(target, { signal })).remotePeer.toString()
      } catch (error) {
        throw explainDialError(error, named ?? address, '')
      }
    })
  }

  link (peer: NodeId, protocol: string): Link {
    const key = `${peer} ${protocol}`
    const known = this.#links.get(key)
    if (known !== undefined) return known
    const link = new PeerLink(suffix => this.#call(peer, protocol, suffix), {
      onCall: wire => this.#ways.asked(this.#wires.get(wire)),
      onRequest: bytes => this.#countSent(peer, bytes)
    })
    this.#links.set(key, link)
    return link
  }

  serve (protocol: string, handler: Handler): Cancel {
    if (this.#handlers.has(protocol)) {
      throw new CloudError('EEXIST', `${protocol} is served already; end that first.`, { fields: { protocol } })
    }
    this.#handlers.set(protocol, handler)
    for (const suffix of ['', BULK]) this.#listen(protocol, suffix)
    let served = true
    return () => {
      if (!served) return
      served = false
      this.#handlers.delete(protocol)
      this.#report(this.#options.node.unhandle([protocol, protocol + BULK]))
    }
  }

  watch (watcher: (peer: NodeId, state: 'connected' | 'disconnected') => void): Cancel {
    const { node } = this.#options
    const onConnect = ({ detail }: CustomEvent<PeerId>): void => watcher(detail.toString(), 'connected')
    const onDisconnect = ({ detail }: CustomEvent<PeerId>): void => watcher(detail.toString(), 'disconnected')
    node.addEventListener('peer:connect', onConnect)
    node.addEventListener('peer:disconnect', onDisconnect)
    return () => {
      node.removeEventListener('peer:connect', onConnect)
      node.removeEventListener('peer:disconnect', onDisconnect)
    }
  }

  relay (relays: Relays): void {
    this.#report(this.#ways.relay(relays))
  }

  /** Ends every call, and takes no more. */
  close (): void {
    this.#closed = true
    this.#ways.close()
    for (const wire of this.#wires.keys()) wire.close()
  }

  #call (peer: NodeId, protocol: string, suffix: string): Wire {
    const wire = this.#wire(peer, protocol, new ConnectingPipe(async () => {
      this.#checkOpen()
      if (peer === this.self) return this.#callSelf(protocol)
      const connection = await this.#connectionTo(peer, protocol)
      if (!wire.ended) this.#wires.set(wire, connection)
      this.#ways.asked(connection)
      return await this.#callOver(connection, peer, protocol + suffix)
    }))
    return wire
  }

  #wiresOver (connection: Connection): Wire[] {
    return [...this.#wires].filter(([, over]) => over === connection).map(([wire]) => wire)
  }

  /** What is under way goes on as it is; what comes finds the direct way. */
  #straighten (peer: NodeId): void {
    for (const [key, link] of this.#links) {
      if (key.startsWith(`${peer} `)) link.renew()
    }
  }

  // A stopped libp2p would let dials wait for their time to pass.
  #checkOpen (): void {
    if (this.#closed) throw hasLeft()
  }

  // A node's own calls take the same way as all others, but for the network.
  #callSelf (protocol: string): Pipe {
    const [near, far] = pipePair(setImmediate)
    this.#wire(this.self, protocol, far, this.#answering(this.self, protocol))
    return near
  }

  async #connectionTo (peer: NodeId, protocol: string): Promise<Connection> {
    try {
      return this.#ways.to(peer) ?? await this.#ways.connect(peer)
    } catch (error) {
      this.#options.metrics.dialsFailed.add()
      throw explainDialError(error, peer, protocol)
    }
  }

  async #callOver (connection: Connection, peer: NodeId, protocol: string): Promise<Pipe> {
    const { dialTimeoutMs, metrics } = this.#options
    const limits = { ...RELAYED_TOO, signal: AbortSignal.timeout(dialTimeoutMs), maxOutboundStreams: STREAMS_MAX }
    try {
      return this.#pipe(await connection.newStream([protocol], limits), connection)
    } catch (error) {
      metrics.dialsFailed.add()
      throw explainDialError(error, peer, protocol)
    }
  }

  #listen (protocol: string, suffix: string): void {
    const onStream = (stream: Stream, connection: Connection): void => {
      const peer = connection.remotePeer.toString()
      this.#wire(peer, protocol, this.#pipe(stream, connection), this.#answering(peer, protocol), connection)
    }
    const limits = { ...RELAYED_TOO, maxInboundStreams: STREAMS_MAX, maxOutboundStreams: STREAMS_MAX }
    this.#report(this.#options.node.handle(protocol + suffix, onStream, limits))
  }

  #pipe (stream: Stream, connection: Connection): Pipe {
    return new StreamPipe(stream, () => this.#ways.heard(connection))
  }

  #wire (peer: NodeId, protocol: string, pipe: Pipe, handler?: Handler<Call>, connection?: Connection): Wire {
    const { clock, limits, log } = this.#options
    const wire = new Wire({ pipe, clock, log, handler, limits, defer: setImmediate, about: { peer, protocol } })
    this.#wires.set(wire, connection)
    void wire.closed.then(() => this.#wires.delete(wire))
    return wire
  }

  // Looked up at each call: a stream that was opened before a handler is taken away or replaced lives on.
  #answering (peer: NodeId, protocol: string): Handler<Call> {
    const handler = (): Handler => {
      const served = this.#handlers.get(protocol)
      if (served === undefined) throw notServed(protocol, { peer: this.self })
      return served
    }
    return {
      request: async (payload, call) => {
        const answer = await handler().request(payload, new PeerCall(peer, call))
        this.#countSent(peer, answer.byteLength)
        return answer
      },
      channel: (payload, channel, call) => handler().channel(payload, channel, new PeerCall(peer, call))
    }
  }

  #countSent (peer: NodeId, payloadBytes: number): void {
    if (peer === this.self) return
    const { metrics } = this.#options
    metrics.calls.add()
    metrics.payloadBytes.add(payloadBytes)
  }

  // Handlers are in force at once; what may fail is that libp2p writes them down for its identify protocol.
  #report (written: Promise<void>): void {
    written.catch((error: unknown) => this.#options.log.error('overlay.protocols_not_announced', { error }))
  }
}

interface CallObserver { onCall: (wire: Wire) => void, onRequest: (payloadBytes: number) => void }

/** The way to one peer for one protocol: wires that come into being at their first use, and again after a break. */
class PeerLink implements Link {
  readonly #connect: (suffix: string) => Wire
  readonly #observer: CallObserver
  #requests: Wire | undefined
  #channels: Wire | undefined

  constructor (connect: (suffix: string) => Wire, observer: CallObserver) {
    this.#connect = connect
    this.#observer = observer
  }

  /** What was begun goes on over the wires that there are; what comes, over new ones. */
  renew (): void {
    this.#requests = undefined
    this.#channels = undefined
  }

  request (payload: Uint8Array, options?: RequestOptions): Promise<Uint8Array> {
    if (this.#requests === undefined || this.#requests.ended) this.#requests = this.#connect('')
    this.#observer.onRequest(payload.byteLength)
    this.#observer.onCall(this.#requests)
    return this.#requests.request(payload, options)
  }

  open (payload: Uint8Array, options?: RequestOptions): Channel {
    if (this.#channels === undefined || this.#channels.ended) this.#channels = this.#connect(BULK)
    this.#observer.onCall(this.#channels)
    return this.#channels.open(payload, options)
  }
}

/** A call with who made it. */
class PeerCall implements Incoming {
  readonly peer: NodeId
  readonly #call: Call

  constructor (peer: NodeId, call: Call) {
    this.peer = peer
    this.#call = call
  }

  get signal (): AbortSignal {
    return this.#call.signal
  }

  get timeoutMs (): number | undefined {
    return this.#call.timeoutMs
  }
}

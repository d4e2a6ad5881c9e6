import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { Gate, withDeadline } from '@welkin/async'
import {
  CloudError, type Cancel, type Channel, type Clock, type Handler, type Incoming, type Link, type Logger, type NodeId,
  type RequestOptions, type Transport
} from '@welkin/interface'
import { ConnectingPipe, pipePair, Wire, type Call, type Pipe, type WireLimits } from '@welkin/wire'
import { AddressBook, addressOf, peerIn } from './address-book.ts'
import { explainDialError, notServed } from './dial-errors.ts'
import type { Libp2pNode } from './libp2p-node.ts'
import type { OverlayMetrics } from './metrics.ts'
import { StreamPipe } from './stream-pipe.ts'

/** Channels go on a stream of their own, so that requests do not stand behind them in one stream's window. */
const BULK = '/bulk'

/** Streams that one connection may open for a protocol: one is used, and a few may overlap while links mend. */
const STREAMS_MAX = 8

export interface Libp2pTransportOptions {
  node: Libp2pNode
  clock: Clock
  log: Logger
  metrics: OverlayMetrics
  dialTimeoutMs: number
  /** Connections that are made at a time. */
  dialsMax: number
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
  readonly #wires = new Set<Wire>()
  readonly #dials: Gate
  #closed = false

  constructor (options: Libp2pTransportOptions) {
    this.#options = options
    this.#dials = new Gate(options.dialsMax)
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
    const link = new PeerLink(suffix => this.#call(peer, protocol, suffix), bytes => this.#countSent(peer, bytes))
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

  /** Ends every call, and takes no more. */
  close (): void {
    this.#closed = true
    for (const wire of this.#wires) wire.close()
  }

  #call (peer: NodeId, protocol: string, suffix: string): Wire {
    return this.#wire(peer, protocol, new ConnectingPipe(async () => {
      this.#checkOpen()
      return peer === this.self ? this.#callSelf(protocol) : await this.#callPeer(peer, protocol, suffix)
    }))
  }

  // A stopped libp2p would let dials wait for their time to pass.
  #checkOpen (): void {
    if (this.#closed) throw new CloudError('ECONNRESET', 'This node has left the overlay; start it again.')
  }

  // A node's own calls take the same way as all others, but for the network.
  #callSelf (protocol: string): Pipe {
    const [near, far] = pipePair(setImmediate)
    this.#wire(this.self, protocol, far, this.#answering(this.self, protocol))
    return near
  }

  async #callPeer (peer: NodeId, protocol: string, suffix: string): Promise<Pipe> {
    const { dialTimeoutMs, metrics } = this.#options
    try {
      const connection = this.#connectionTo(peer) ?? await this.#connect(peer)
      const limits = { signal: AbortSignal.timeout(dialTimeoutMs), maxOutboundStreams: STREAMS_MAX }
      return new StreamPipe(await connection.newStream([protocol + suffix], limits))
    } catch (error) {
      metrics.dialsFailed.add()
      throw explainDialError(error, peer, protocol)
    }
  }

  #connectionTo (peer: NodeId): Connection | undefined {
    return this.#options.node.getConnections(peerIdFromString(peer)).find(({ status }) => status === 'open')
  }

  async #connect (peer: NodeId): Promise<Connection> {
    const { dialTimeoutMs, node } = this.#options
    return await this.#dials.run(async () => {
      this.#checkOpen()
      const addresses = this.#addresses.get(peer)
      const signal = AbortSignal.timeout(dialTimeoutMs)
      return await node.dial(addresses.length > 0 ? [...addresses] : peerIdFromString(peer), { signal })
    })
  }

  #listen (protocol: string, suffix: string): void {
    const onStream = (stream: Stream, connection: Connection): void => {
      const peer = connection.remotePeer.toString()
      this.#wire(peer, protocol, new StreamPipe(stream), this.#answering(peer, protocol))
    }
    const limits = { maxInboundStreams: STREAMS_MAX, maxOutboundStreams: STREAMS_MAX }
    this.#report(this.#options.node.handle(protocol + suffix, onStream, limits))
  }

  #wire (peer: NodeId, protocol: string, pipe: Pipe, handler?: Handler<Call>): Wire {
    const { clock, limits, log } = this.#options
    const wire = new Wire({ pipe, clock, log, handler, limits, defer: setImmediate, about: { peer, protocol } })
    this.#wires.add(wire)
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

/** The way to one peer for one protocol: wires that come into being at their first use, and again after a break. */
class PeerLink implements Link {
  readonly #connect: (suffix: string) => Wire
  readonly #onRequest: (payloadBytes: number) => void
  #requests: Wire | undefined
  #channels: Wire | undefined

  constructor (connect: (suffix: string) => Wire, onRequest: (payloadBytes: number) => void) {
    this.#connect = connect
    this.#onRequest = onRequest
  }

  request (payload: Uint8Array, options?: RequestOptions): Promise<Uint8Array> {
    if (this.#requests === undefined || this.#requests.ended) this.#requests = this.#connect('')
    this.#onRequest(payload.byteLength)
    return this.#requests.request(payload, options)
  }

  open (payload: Uint8Array, options?: RequestOptions): Channel {
    if (this.#channels === undefined || this.#channels.ended) this.#channels = this.#connect(BULK)
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

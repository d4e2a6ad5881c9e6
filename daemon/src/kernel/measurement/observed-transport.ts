import {
  isCloudError, type Channel, type Clock, type CloudError, type Link, type NodeId, type OpenOptions,
  type RequestOptions, type Transport
} from '@welkin/interface'

/** By these a request says that its answer was lost on the way, or the question. */
const LOSSES = ['ETIMEDOUT', 'ECONNRESET', 'EHOSTDOWN'] as const
/** A shorter transfer tells of delays rather than of bandwidth. */
export const TRANSFER_BYTES_MIN = 512 * 1024

/** Who wants to know what requests and transfers tell of the way. */
export interface TransportObserver {
  request: (peer: NodeId, outcome: 'answered' | 'lost') => void
  transfer: (peer: NodeId, bytesPerSecond: number) => void
}

/** The same transport, of whose requests and transfers `observer` is told: what is learnt so costs no message. */
export function observedTransport (transport: Transport, clock: Clock, observer: TransportObserver): Transport {
  return {
    self: transport.self,
    addresses: () => transport.addresses(),
    learn: (peer, addresses) => transport.learn(peer, addresses),
    dial: async (address, options) => await transport.dial(address, options),
    serve: (protocol, handler) => transport.serve(protocol, handler),
    watch: watcher => transport.watch(watcher),
    relay: relays => transport.relay(relays),
    link: (peer, protocol) => {
      const link = transport.link(peer, protocol)
      return peer === transport.self ? link : new ObservedLink(link, peer, clock, observer)
    }
  }
}

class ObservedLink implements Link {
  readonly #link: Link
  readonly #peer: NodeId
  readonly #clock: Clock
  readonly #observer: TransportObserver

  constructor (link: Link, peer: NodeId, clock: Clock, observer: TransportObserver) {
    this.#link = link
    this.#peer = peer
    this.#clock = clock
    this.#observer = observer
  }

  async request (payload: Uint8Array, options?: RequestOptions): Promise<Uint8Array> {
    try {
      const answer = await this.#link.request(payload, options)
      this.#observer.request(this.#peer, 'answered')
      return answer
    } catch (error) {
      if (isCloudError(error, ...LOSSES)) this.#observer.request(this.#peer, 'lost')
      throw error
    }
  }

  open (payload: Uint8Array, options?: OpenOptions): Channel {
    if (options?.paced === true) return this.#link.open(payload, options)
    return new ObservedChannel(this.#link.open(payload, options), this.#clock, bytesPerSecond => {
      this.#observer.transfer(this.#peer, bytesPerSecond)
    })
  }
}

/** Times what comes in: from the first message to the last, without the first, which may have waited for its sender. */
class ObservedChannel implements Channel {
  readonly #channel: Channel
  readonly #clock: Clock
  readonly #onTransfer: (bytesPerSecond: number) => void

  constructor (channel: Channel, clock: Clock, onTransfer: (bytesPerSecond: number) => void) {
    this.#channel = channel
    this.#clock = clock
    this.#onTransfer = onTransfer
  }

  async send (message: Uint8Array): Promise<void> {
    await this.#channel.send(message)
  }

  async end (): Promise<void> {
    await this.#channel.end()
  }

  fail (error: CloudError): void {
    this.#channel.fail(error)
  }

  async * [Symbol.asyncIterator] (): AsyncGenerator<Uint8Array> {
    let bytes = 0
    let firstMs: number | undefined
    let lastMs = 0
    try {
      for await (const message of this.#channel) {
        lastMs = this.#clock.monotonicMs()
        if (firstMs === undefined) firstMs = lastMs
        else bytes += message.byteLength
        yield message
      }
    } finally {
      if (firstMs !== undefined && bytes >= TRANSFER_BYTES_MIN && lastMs > firstMs) {
        this.#onTransfer(bytes / (lastMs - firstMs) * 1000)
      }
    }
  }
}

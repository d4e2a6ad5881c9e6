import { withDeadline } from '@welkin/async'
import {
  CloudError, type Cancel, type Channel, type Handler, type Link, type NodeId, type Relays, type RequestOptions,
  type Transport
} from '@welkin/interface'
import type { Call } from './calls.ts'
import { openChannel } from './channels.ts'
import type { Host, PeerWatcher } from './host.ts'
import { sendRequest } from './requests.ts'

const SCHEME = 'virtual:'

/** Transport for one life of a node on a modelled network. Addresses are `virtual:<node id>`. */
export class VirtualTransport implements Transport {
  readonly self: NodeId
  readonly #host: Host

  constructor (host: Host) {
    this.self = host.name
    this.#host = host
  }

  addresses (): readonly string[] {
    return this.#host.network.isHidden(this.self) ? [] : [`${SCHEME}${this.self}`]
  }

  learn (peer: NodeId, addresses: readonly string[]): void {
    if (addresses.includes(`${SCHEME}${peer}`)) this.#host.learn(peer)
  }

  async dial (address: string, { timeoutMs, signal }: RequestOptions = {}): Promise<NodeId> {
    if (!address.startsWith(SCHEME)) {
      throw new CloudError('EINVAL', `${address} is no address here; give ${SCHEME}<node id>.`)
    }
    const peer = address.slice(SCHEME.length)
    const patience = { timeoutMs, signal, what: `The connection to ${address}` }
    await withDeadline(this.#host.clock, patience, async () => await this.#host.dial(peer))
    return peer
  }

  link (peer: NodeId, protocol: string): Link {
    return new VirtualLink(this.#host, peer, protocol)
  }

  serve (protocol: string, handler: Handler): Cancel {
    const { handlers } = this.#host
    if (handlers.has(protocol)) throw new Error(`${protocol} is served already.`)
    handlers.set(protocol, handler)
    return () => {
      if (handlers.get(protocol) === handler) handlers.delete(protocol)
    }
  }

  watch (watcher: PeerWatcher): Cancel {
    const { watchers } = this.#host
    watchers.add(watcher)
    return () => { watchers.delete(watcher) }
  }

  relay (relays: Relays): void {
    this.#host.relays = relays
  }
}

class VirtualLink implements Link {
  readonly #host: Host
  readonly #peer: NodeId
  readonly #protocol: string

  constructor (host: Host, peer: NodeId, protocol: string) {
    this.#host = host
    this.#peer = peer
    this.#protocol = protocol
  }

  async request (payload: Uint8Array, options?: RequestOptions): Promise<Uint8Array> {
    return await sendRequest(this.#call(payload, options))
  }

  open (payload: Uint8Array, options?: RequestOptions): Channel {
    return openChannel(this.#call(payload, options))
  }

  #call (payload: Uint8Array, { timeoutMs, signal }: RequestOptions = {}): Call {
    return { host: this.#host, peer: this.#peer, protocol: this.#protocol, payload, timeoutMs, signal }
  }
}

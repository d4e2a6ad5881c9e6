import {
  CloudError, type Cancel, type Channel, type Handler, type Link, type NodeId, type RequestOptions, type Transport
} from '@welkin/interface'
import { openChannel, sendRequest } from './calls.ts'
import type { Host, PeerWatcher } from './host.ts'

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
    return [`${SCHEME}${this.self}`]
  }

  learn (peer: NodeId, addresses: readonly string[]): void {
    if (addresses.includes(`${SCHEME}${peer}`)) this.#host.learn(peer)
  }

  async dial (address: string, options: RequestOptions = {}): Promise<NodeId> {
    if (!address.startsWith(SCHEME)) {
      throw new CloudError('EINVAL', `${address} is no address here; give ${SCHEME}<node id>.`)
    }
    const peer = address.slice(SCHEME.length)
    this.#host.learn(peer)
    await patiently(this.#host, options, async () => await this.#host.connect(peer))
    return peer
  }

  link (peer: NodeId, protocol: string): Link {
    const call = { host: this.#host, peer, protocol }
    return {
      request: async (payload, options = {}): Promise<Uint8Array> => await sendRequest(call, payload, options),
      open: (payload, options = {}): Channel => openChannel(call, payload, options)
    }
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
    this.#host.watchers.add(watcher)
    return () => { this.#host.watchers.delete(watcher) }
  }
}

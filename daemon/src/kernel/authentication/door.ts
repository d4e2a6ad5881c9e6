import {
  CloudError, isCloudError, type Cancel, type Channel, type Handler, type Link, type NodeId, type RequestOptions,
  type Transport
} from '@welkin/interface'
import { LateChannel } from './late-channel.ts'

/** What an error of `needsCard` asks for. */
const CARD = 'certificate'

/** What is asked of whoever guards the door. */
export interface Guard {
  /** Whether the peer is a member, as far as is known here. */
  isMember: (peer: NodeId) => boolean
  /** Whether this node has shown its card to the peer, and the peer its own. */
  hasMet: (peer: NodeId) => boolean
  /** Shows cards, both ways. Rejects EACCES where the other is no member, EHOSTDOWN and the like. */
  meet: (peer: NodeId, options?: RequestOptions) => Promise<void>
  /** Protocols that strangers may speak: their handlers look for themselves. */
  isPublic: (protocol: string) => boolean
}

/** The Transport among members: before two nodes speak, they have shown each other that they belong to one cloud. */
export function amongMembers (transport: Transport, guard: Guard): Transport {
  const links = new Map<string, Link>()
  return {
    self: transport.self,
    addresses: () => transport.addresses(),
    learn: (peer, addresses) => { transport.learn(peer, addresses) },
    dial: async (address, options) => await transport.dial(address, options),
    watch: watcher => transport.watch(watcher),
    // Who has not seen this node's card would refuse to pass on anything for it.
    relay: ({ through, admits }) => transport.relay({
      through: peer => through(peer).filter(relay => guard.hasMet(relay)),
      admits: peer => guard.isMember(peer) && admits(peer)
    }),
    link: (peer, protocol) => {
      if (peer === transport.self) return transport.link(peer, protocol)
      const key = `${peer} ${protocol}`
      const link = links.get(key) ?? new GuardedLink(peer, transport.link(peer, protocol), guard)
      links.set(key, link)
      return link
    },
    serve: (protocol, handler): Cancel =>
      transport.serve(protocol, guard.isPublic(protocol) ? handler : membersOnly(handler, guard))
  }
}

function membersOnly (handler: Handler, { isMember }: Guard): Handler {
  const check = (peer: NodeId): void => {
    if (!isMember(peer)) throw needsCard()
  }
  return {
    request: async (payload, incoming) => {
      check(incoming.peer)
      return await handler.request(payload, incoming)
    },
    channel: async (payload, channel, incoming) => {
      check(incoming.peer)
      await handler.channel(payload, channel, incoming)
    }
  }
}

class GuardedLink implements Link {
  readonly #peer: NodeId
  readonly #link: Link
  readonly #guard: Guard

  constructor (peer: NodeId, link: Link, guard: Guard) {
    this.#peer = peer
    this.#link = link
    this.#guard = guard
  }

  async request (payload: Uint8Array, options?: RequestOptions): Promise<Uint8Array> {
    if (!this.#guard.hasMet(this.#peer)) await this.#guard.meet(this.#peer, options)
    try {
      return await this.#link.request(payload, options)
    } catch (error) {
      if (!isCloudError(error, 'EACCES') || error.fields['needs'] !== CARD) throw error
      // It has been started again since, and knows nobody.
      await this.#guard.meet(this.#peer, options)
      return await this.#link.request(payload, options)
    }
  }

  open (payload: Uint8Array, options?: RequestOptions): Channel {
    if (this.#guard.hasMet(this.#peer)) return this.#link.open(payload, options)
    const met = this.#guard.meet(this.#peer, options)
    return new LateChannel(met.then(() => this.#link.open(payload, options)))
  }
}

export function needsCard (): CloudError {
  const message = 'Only members of this cloud may ask this; show a certificate, or join by a ticket.'
  return new CloudError('EACCES', message, { fields: { needs: CARD } })
}

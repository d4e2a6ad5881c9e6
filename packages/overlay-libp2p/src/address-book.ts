import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { CloudError, type NodeId } from '@welkin/interface'

/** Where peers are reached, as this node was told. Beside libp2p's peer store, which keeps what it saw itself. */
export class AddressBook {
  readonly #addresses = new Map<NodeId, readonly Multiaddr[]>()

  /** Replaces what was known; returns those of `addresses` that are none of this peer. */
  learn (peer: NodeId, addresses: readonly string[]): string[] {
    const useless: string[] = []
    const known: Multiaddr[] = []
    for (const address of addresses) {
      const parsed = parseAddress(address)
      const named = parsed === undefined ? undefined : peerIn(parsed)
      if (parsed === undefined || (named !== undefined && named !== peer)) useless.push(address)
      else known.push(named === undefined ? parsed.encapsulate(`/p2p/${peer}`) : parsed)
    }
    this.#addresses.set(peer, known)
    return useless
  }

  get (peer: NodeId): readonly Multiaddr[] {
    return this.#addresses.get(peer) ?? []
  }
}

/** Throws EINVAL for what is no multiaddr. */
export function checkAddress (text: string): void {
  addressOf(text)
}

/** Throws EINVAL for what is no address. */
export function addressOf (text: string): Multiaddr {
  const address = parseAddress(text)
  if (address !== undefined) return address
  const message = `"${text}" is no address; give a multiaddr such as /ip4/192.0.2.1/tcp/7337.`
  throw new CloudError('EINVAL', message, { fields: { address: text } })
}

/** The peer whose address it is, where it says so. */
export function peerIn (address: Multiaddr): NodeId | undefined {
  return address.getComponents().findLast(({ name }) => name === 'p2p')?.value
}

function parseAddress (text: string): Multiaddr | undefined {
  try {
    return multiaddr(text)
  } catch {
    return undefined // multiaddr says no more than that it is none
  }
}

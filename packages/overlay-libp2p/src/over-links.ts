import type { AbortOptions, ConnectionEncrypter, PeerId } from '@libp2p/interface'
import { sleep } from '@welkin/async'
import type { NodeId } from '@welkin/interface'
import type { LinksBetween } from '@welkin/links'
import type { CreateEncrypter } from './in-one-piece.ts'
import { RETRY_MS, ShapedSender, type ShapingPorts } from './shaped-sender.ts'

/** What passes on a real line before the encryption's own handshake: that of TCP, and the choice of the encryption. */
const ROUND_TRIPS_BEFORE = 2

/**
 * The same encryption over links that are slow, lossy or cut: from when a peer is known, what `self` sends to it passes
 * as the link says. For trials of several nodes on one machine, all of which go by the same links.
 *
 * Who is dialled by id is known at once, and who dials only after the handshake, whose answer comes unshaped. So the
 * dialling side waits for what was not delayed: a connection takes the three round trips that it takes in the virtual
 * overlay, and does not come about while either way is cut.
 */
export function overLinks<Components> (
  create: CreateEncrypter<Components>, ports: ShapingPorts, { self, links }: { self: NodeId, links: LinksBetween }
): CreateEncrypter<Components> {
  const shape = (sender: ShapedSender, peer: PeerId): void => {
    const id = peer.toString()
    sender.shape(() => links(self, id))
  }
  const reach = async (peer: PeerId, { signal }: AbortOptions): Promise<void> => {
    const id = peer.toString()
    while (links(self, id).cut === true || links(id, self).cut === true) await sleep(ports.clock, RETRY_MS, { signal })
    const backMs = links(id, self).latencyMs
    await sleep(ports.clock, ROUND_TRIPS_BEFORE * (links(self, id).latencyMs + backMs) + backMs, { signal })
  }
  return components => {
    const encrypter = create(components)
    const secureOutbound = encrypter.secureOutbound.bind(encrypter)
    const secureInbound = encrypter.secureInbound.bind(encrypter)
    return Object.assign(encrypter, {
      secureOutbound: (async (raw, options = {}) => {
        const sender = new ShapedSender(raw, ports)
        const { remotePeer } = options
        if (remotePeer !== undefined) {
          await reach(remotePeer, options)
          shape(sender, remotePeer)
          return await secureOutbound(raw, options)
        }
        const secured = await secureOutbound(raw, options)
        await reach(secured.remotePeer, options)
        shape(sender, secured.remotePeer)
        return secured
      }) satisfies ConnectionEncrypter['secureOutbound'],
      secureInbound: (async (raw, options) => {
        const sender = new ShapedSender(raw, ports)
        const secured = await secureInbound(raw, options)
        shape(sender, secured.remotePeer)
        return secured
      }) satisfies ConnectionEncrypter['secureInbound']
    })
  }
}

import type { Connection, Stream, Upgrader } from '@libp2p/interface'
import { putBounded } from '@welkin/async'
import { CloudError, isCloudError, type Clock, type Logger, type NodeId, type Relays } from '@welkin/interface'
import { Preamble, RELAY_PROTOCOL } from './preamble.ts'
import { refuse } from './relay.ts'
import { RelayedConnection, type Detour } from './relayed-connection.ts'

/** Relays that are asked, one after the other. */
const RELAYS_MAX = 4
/** For so long a relay comes last that did not get anybody there. */
const SHUNNED_MS = 60_000
/** For so long nobody is asked for a peer to whom none had a way. */
const HOPELESS_MS = 10_000
/** What is remembered of relays and peers; beyond that, the oldest is forgotten. */
const REMEMBERED_MAX = 1000

/**
 * The mark of a relayed connection: libp2p then lets only those protocols pass that ask for it. gossipsub does not, and
 * need not: what is published goes around by others anyway.
 */
const LIMITED = {}

export interface DetourPorts {
  self: NodeId
  clock: Clock
  log: Logger
  upgrader: Upgrader
  relays: Relays
  reach: (peer: NodeId, signal: AbortSignal) => Promise<Connection>
  patienceMs: number
}

/** Connections to peers and from them, through others. */
export class Detours {
  readonly #ports: DetourPorts
  readonly #connecting = new Map<NodeId, Promise<Connection>>()
  /** Until when a relay comes last. */
  readonly #shunned = new Map<NodeId, number>()
  /** Until when nobody is asked for a peer. */
  readonly #hopeless = new Map<NodeId, number>()

  constructor (ports: DetourPorts) {
    this.#ports = ports
  }

  /** Whether there is anybody to ask for a way to `peer` now. */
  mayLeadTo (peer: NodeId): boolean {
    const { clock, relays } = this.#ports
    return (this.#hopeless.get(peer) ?? 0) <= clock.monotonicMs() && relays.through(peer).length > 0
  }

  /** A connection to `peer` through the best relay that has a way there. Rejects EHOSTDOWN. */
  async connect (peer: NodeId): Promise<Connection> {
    let connecting = this.#connecting.get(peer)
    if (connecting === undefined) {
      connecting = this.#connect(peer).finally(() => this.#connecting.delete(peer))
      this.#connecting.set(peer, connecting)
    }
    return await connecting
  }

  /** Somebody at the other end of `connection` passes on what another sends. Never rejects for faults of others. */
  async accept (stream: Stream, connection: Connection): Promise<void> {
    const { log, patienceMs, relays, self, upgrader } = this.#ports
    const relay = connection.remotePeer.toString()
    const signal = AbortSignal.timeout(patienceMs)
    const preamble = new Preamble(stream)
    try {
      const peer = await preamble.hearPeer({ signal })
      if (!relays.admits(relay)) throw new CloudError('EACCES', 'Only members of this cloud may pass on anything.')
      if (peer === self || peer === relay) throw new CloudError('EINVAL', 'Nothing need be passed on from there.')
      await preamble.answer({ signal })
      // The handshake ends it unless it is with this very peer.
      const raw = new RelayedConnection(preamble.end(), { relay, peer })
      await upgrader.upgradeInbound(raw, { signal, limits: LIMITED })
    } catch (error) {
      log.debug('overlay.detour_refused', { relay, error })
      await refuse(stream, preamble, error)
    }
  }

  /** A connection did not end as it should: its relay comes last for a while. */
  disappointedBy (connection: Connection): void {
    const [relay] = connection.remoteAddr.getComponents()
    if (relay?.value !== undefined) this.#remember(this.#shunned, relay.value, SHUNNED_MS)
  }

  async #connect (peer: NodeId): Promise<Connection> {
    const { log } = this.#ports
    const relays = this.#inOrder(peer)
    for (const relay of relays) {
      try {
        return await this.#through({ relay, peer })
      } catch (error) {
        log.debug('overlay.detour_failed', { relay, peer, error })
        // One that has no way there is as good as any for other peers.
        if (!isCloudError(error, 'EHOSTDOWN', 'EHOSTUNREACH')) this.#remember(this.#shunned, relay, SHUNNED_MS)
      }
    }
    this.#remember(this.#hopeless, peer, HOPELESS_MS)
    const message = `${peer} is not reached, neither directly nor through ${relays.length} others.`
    throw new CloudError('EHOSTDOWN', message, { fields: { peer } })
  }

  #inOrder (peer: NodeId): NodeId[] {
    const { clock, relays, self } = this.#ports
    const isShunned = (relay: NodeId): number => Number((this.#shunned.get(relay) ?? 0) > clock.monotonicMs())
    return relays.through(peer).filter(relay => relay !== self && relay !== peer)
      .toSorted((a, b) => isShunned(a) - isShunned(b)).slice(0, RELAYS_MAX)
  }

  async #through (detour: Detour): Promise<Connection> {
    const { patienceMs, reach, upgrader } = this.#ports
    const signal = AbortSignal.timeout(patienceMs)
    const connection = await reach(detour.relay, signal)
    const stream = await connection.newStream([RELAY_PROTOCOL], { signal, maxOutboundStreams: Infinity })
    try {
      const preamble = new Preamble(stream)
      await preamble.sayPeer(detour.peer, { signal })
      await preamble.hearAnswer({ signal })
      const raw = new RelayedConnection(preamble.end(), detour)
      return await upgrader.upgradeOutbound(raw, { signal, limits: LIMITED })
    } catch (error) {
      stream.abort(error as Error)
      throw error
    }
  }

  #remember (list: Map<NodeId, number>, peer: NodeId, forMs: number): void {
    list.delete(peer)
    putBounded(list, peer, this.#ports.clock.monotonicMs() + forMs, REMEMBERED_MAX)
  }
}

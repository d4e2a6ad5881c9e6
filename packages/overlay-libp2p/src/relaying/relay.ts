import type { Connection, Stream } from '@libp2p/interface'
import { CloudError, isCloudError, type Clock, type Logger, type NodeId, type Relays } from '@welkin/interface'
import type { OverlayMetrics } from '../metrics.ts'
import { joinStreams } from './join-streams.ts'
import { Preamble, RELAYED_PROTOCOL } from './preamble.ts'
import type { RelayBudget } from './relay-budget.ts'

export interface RelayPorts {
  self: NodeId
  clock: Clock
  log: Logger
  metrics: OverlayMetrics
  relays: Relays
  budget: RelayBudget
  /** A direct connection. Rejects where there is no way. */
  reach: (peer: NodeId, signal: AbortSignal) => Promise<Connection>
  /** Milliseconds until what leads to a connection must have been said. */
  patienceMs: number
}

/** Passes on what peers send each other that have no direct way: bytes that are encrypted from end to end. */
export class Relay {
  readonly #ports: RelayPorts

  constructor (ports: RelayPorts) {
    this.#ports = ports
  }

  /** Somebody asks for that; resolves when what was passed on has ended. Never rejects for faults of others. */
  async serve (stream: Stream, connection: Connection): Promise<void> {
    const { budget, clock, log, metrics } = this.#ports
    const from = connection.remotePeer.toString()
    const signal = AbortSignal.timeout(this.#ports.patienceMs)
    const preamble = new Preamble(stream)
    let far: Stream | undefined
    let hasEntered = false
    try {
      const to = await preamble.hearPeer({ signal })
      this.#check(from, to)
      budget.enter(from, clock.monotonicMs())
      hasEntered = true
      metrics.relayed.set(budget.count)
      far = await this.#offer(from, to, signal)
      await preamble.answer({ signal })
      await joinStreams(preamble.end(), far, { clock, onPassed: bytes => this.#count(bytes) })
    } catch (error) {
      log.debug('overlay.not_relayed', { from, error })
      far?.abort(error as Error)
      metrics.relaysRefused.add(1, { code: isCloudError(error) ? error.code : 'EHOSTDOWN' })
      await refuse(stream, preamble, error)
    } finally {
      if (hasEntered) budget.leave(from)
      metrics.relayed.set(budget.count)
    }
  }

  #check (from: NodeId, to: NodeId): void {
    const { relays, self } = this.#ports
    if (to === self || to === from) throw new CloudError('EINVAL', 'Nothing need be passed on between these two.')
    for (const peer of [from, to]) {
      if (relays.admits(peer)) continue
      throw new CloudError('EACCES', 'Only between members of this cloud anything is passed on.', { fields: { peer } })
    }
  }

  async #offer (from: NodeId, to: NodeId, signal: AbortSignal): Promise<Stream> {
    const connection = await this.#ports.reach(to, signal)
    const stream = await connection.newStream([RELAYED_PROTOCOL], { signal, maxOutboundStreams: Infinity })
    try {
      const preamble = new Preamble(stream)
      await preamble.sayPeer(from, { signal })
      await preamble.hearAnswer({ signal })
      return preamble.end()
    } catch (error) {
      stream.abort(error as Error)
      throw error
    }
  }

  #count (bytes: number): number {
    const { budget, clock, metrics } = this.#ports
    metrics.relayedBytes.add(bytes)
    return budget.spend(bytes, clock.monotonicMs())
  }
}

/** How long somebody is waited for who does not read why it was refused. */
const REFUSAL_MS = 1000

/** Says why, where anybody listens. */
export async function refuse (stream: Stream, preamble: Preamble, error: unknown): Promise<void> {
  const reason = isCloudError(error)
    ? error
    : new CloudError('EHOSTDOWN', 'The relay does not reach this peer, or not in time.')
  try {
    const signal = AbortSignal.timeout(REFUSAL_MS)
    await preamble.answer({ signal }, reason)
    await stream.close({ signal })
  } catch (cause) {
    stream.abort(cause as Error) // it has left
  }
}

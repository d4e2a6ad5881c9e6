import {
  CloudError, isCloudError, type Cancel, type Clock, type Measurement, type NodeId, type Transport
} from '@welkin/interface'
import type { KnownNode, KnownNodes } from './known-nodes.ts'
import { DIRECTORY_PROTOCOL, packQuestion, type Question } from './messages.ts'
import type { DirectoryMetrics } from './metrics.ts'
import type { DirectoryOptions } from './options.ts'

interface PeersPorts {
  clock: Clock
  transport: Transport
  measurement: Pick<Measurement, 'way'>
  known: KnownNodes
  metrics: DirectoryMetrics
}

/** Questions to one peer at a time. */
const ASKED_MAX = 256
/** Round trips after which the next one is asked as well. */
const HEDGE_RTTS = 3
const HEDGE_MIN_MS = 15
/** To connect takes several round trips and some CPU at both ends. */
const CONNECTING_MS = 50
/** Whoever has just failed is asked last. */
const FAILED_MS = 5000
const FAILED_COST_MS = 10_000
/** By these a peer says nothing: it may be gone. */
const SILENCES = ['EHOSTDOWN', 'EHOSTUNREACH', 'ETIMEDOUT', 'ECONNRESET'] as const

/** The questions of this node to others: how long each is waited for, and what their silence tells. */
export class Peers {
  readonly #ports: PeersPorts
  readonly #options: DirectoryOptions
  readonly #connected = new Set<NodeId>()
  readonly #asked = new Map<NodeId, number>()
  readonly #failedMs = new Map<NodeId, number>()

  constructor (ports: PeersPorts, options: DirectoryOptions) {
    this.#ports = ports
    this.#options = options
  }

  start (): Cancel {
    return this.#ports.transport.watch((peer, state) => {
      if (state === 'connected') this.#connected.add(peer)
      else this.#connected.delete(peer)
    })
  }

  /** Resolves with the answer. Rejects as a Link does, or EAGAIN where too much is being asked of the peer. */
  async ask (node: KnownNode, question: Question): Promise<Uint8Array> {
    const { peerTimeoutMs: timeoutMs } = this.#options
    const { clock, transport, known, metrics } = this.#ports
    const { id } = node
    const asked = this.#asked.get(id) ?? 0
    if (asked >= ASKED_MAX) throw new CloudError('EAGAIN', `${id} is being asked too much; try again later.`)
    // Where others are reached is believed of those alone of whom nothing better is known.
    if (known.get(id) === undefined) transport.learn(id, node.addresses)
    this.#asked.set(id, asked + 1)
    try {
      const answer = await transport.link(id, DIRECTORY_PROTOCOL).request(packQuestion(question), { timeoutMs })
      metrics.asked.add(1, { outcome: 'answered' })
      this.#failedMs.delete(id)
      known.seen(node)
      return answer
    } catch (error) {
      metrics.asked.add(1, { outcome: isCloudError(error) ? error.code : 'EFAULT' })
      if (isCloudError(error, ...SILENCES)) {
        this.#failedMs.set(id, clock.monotonicMs())
        known.failed(id)
      }
      throw error
    } finally {
      const left = (this.#asked.get(id) ?? 1) - 1
      if (left === 0) this.#asked.delete(id)
      else this.#asked.set(id, left)
    }
  }

  /** After how many milliseconds of silence the next one is asked as well. */
  hedgeMs (id: NodeId): number {
    const rttMs = this.#ports.measurement.way(id).rtt?.value
    if (rttMs === undefined || !this.#connected.has(id)) return this.#options.hedgeMs
    return Math.min(this.#options.hedgeMs, Math.max(HEDGE_MIN_MS, HEDGE_RTTS * rttMs))
  }

  /** About how long its answer takes, for the order in which peers of the same worth are asked. */
  costMs (id: NodeId): number {
    const { clock, measurement, known } = this.#ports
    if (id === known.self.id) return 0
    const rttMs = measurement.way(id).rtt?.value ?? 1
    const failedMs = this.#failedMs.get(id)
    const failed = failedMs !== undefined && clock.monotonicMs() < failedMs + FAILED_MS ? FAILED_COST_MS : 0
    return rttMs + failed + (this.#connected.has(id) ? 0 : CONNECTING_MS + 4 * rttMs)
  }

  /** Forgets failures of long ago. */
  expire (): void {
    const beforeMs = this.#ports.clock.monotonicMs() - FAILED_MS
    for (const [id, failedMs] of this.#failedMs) if (failedMs < beforeMs) this.#failedMs.delete(id)
  }
}

import { CloudError, type NodeId } from '@welkin/interface'

/** How much a node passes on for others. */
export interface RelayBounds {
  /** Connections at a time. @default 128 */
  connectionsMax: number
  /** Of these, such as one peer asked for. @default 16 */
  connectionsPerPeerMax: number
  /** Bytes a second, both ways and of all connections together; beyond, their ends wait. @default 33554432 */
  bytesPerSecondMax: number
}

export const RELAY_BOUNDS: RelayBounds = {
  connectionsMax: 128,
  connectionsPerPeerMax: 16,
  bytesPerSecondMax: 32 * 1024 * 1024
}

/** Nobody new is let in who would wait so long for the bytes of others. */
const BUSY_MS = 2000
/** What may pass at once after a time of silence. */
const BURST_MS = 50

/** What a node passes on for others now, and whether that is as much as it may. Pure: time is given. */
export class RelayBudget {
  readonly #bounds: RelayBounds
  readonly #connections = new Map<NodeId, number>()
  #count = 0
  /** When all that was passed on so far is paid for. */
  #paidMs = 0

  constructor (bounds: RelayBounds) {
    this.#bounds = bounds
  }

  /** Connections that are passed on. */
  get count (): number {
    return this.#count
  }

  /** One connection more, that `peer` asks for. Throws EAGAIN. */
  enter (peer: NodeId, nowMs: number): void {
    const { connectionsMax, connectionsPerPeerMax, bytesPerSecondMax } = this.#bounds
    const own = this.#connections.get(peer) ?? 0
    if (own >= connectionsPerPeerMax) throw refusal(`${connectionsPerPeerMax} connections for one peer`)
    if (this.#count >= connectionsMax) throw refusal(`${connectionsMax} connections`)
    if (this.#paidMs - nowMs > BUSY_MS) throw refusal(`${bytesPerSecondMax} bytes a second`)
    this.#connections.set(peer, own + 1)
    this.#count++
  }

  leave (peer: NodeId): void {
    const own = this.#connections.get(peer) ?? 0
    if (own > 1) this.#connections.set(peer, own - 1)
    else this.#connections.delete(peer)
    this.#count--
  }

  /** So many bytes pass. Milliseconds that whoever sent them waits before it sends more. */
  spend (bytes: number, nowMs: number): number {
    this.#paidMs = Math.max(this.#paidMs, nowMs - BURST_MS) + bytes / this.#bounds.bytesPerSecondMax * 1000
    return Math.max(0, this.#paidMs - nowMs)
  }
}

function refusal (limit: string): CloudError {
  const message = `This node passes on at most ${limit}; go through another, or try again later.`
  return new CloudError('EAGAIN', message, { fields: { limit } })
}

import type { NodeId } from '@welkin/interface'
import type { Host } from './host.ts'
import type { Traffic } from './message.ts'

/** As Yamux does at either end of a connection, in a frame of its own. */
const PROBE_PERIOD_MS = 10_000
const PROBE_BYTES = 30

/** A socket in the wall: what the network knows of one node, over all its lives. */
export class Station {
  readonly #traffic: Traffic = { sentMessages: 0, sentBytes: 0, receivedMessages: 0, receivedBytes: 0 }
  /** The latest life. */
  host: Host | undefined
  /** Nobody can connect to it. */
  isHidden = false
  /** Nodes that cannot be reached from here, whatever the links say. */
  readonly #cuts = new Set<NodeId>()
  #connections = 0
  /** Milliseconds that connections have been open, all together, until they last changed. */
  #openMs = 0
  #changedMs = 0

  cut (to: NodeId): void {
    this.#cuts.add(to)
  }

  mend (to: NodeId): void {
    this.#cuts.delete(to)
  }

  cuts (): NodeId[] {
    return [...this.#cuts]
  }

  isCutTo (to: NodeId): boolean {
    return this.#cuts.size > 0 && this.#cuts.has(to)
  }

  /** So many connections to others are open from now on. */
  countConnections (count: number, nowMs: number): void {
    this.#openMs = this.#openMsAt(nowMs)
    this.#changedMs = nowMs
    this.#connections = count
  }

  countSent (sizeBytes: number, messages = 1): void {
    this.#traffic.sentMessages += messages
    this.#traffic.sentBytes += sizeBytes
  }

  countReceived (sizeBytes: number): void {
    this.#traffic.receivedMessages++
    this.#traffic.receivedBytes += sizeBytes
  }

  /** Until now; among it the probes of connections and the answers to them, which are counted and not simulated. */
  trafficAt (nowMs: number): Traffic {
    const probes = Math.floor(2 * this.#openMsAt(nowMs) / PROBE_PERIOD_MS)
    const bytes = probes * PROBE_BYTES
    const { sentMessages, sentBytes, receivedMessages, receivedBytes } = this.#traffic
    return {
      sentMessages: sentMessages + probes, sentBytes: sentBytes + bytes,
      receivedMessages: receivedMessages + probes, receivedBytes: receivedBytes + bytes
    }
  }

  #openMsAt (nowMs: number): number {
    return this.#openMs + this.#connections * (nowMs - this.#changedMs)
  }
}

import type { NodeId } from '@welkin/interface'
import type { Host } from './host.ts'
import type { Traffic } from './message.ts'

/** A socket in the wall: what the network knows of one node, over all its lives. */
export class Station {
  readonly traffic: Traffic = { sentMessages: 0, sentBytes: 0, receivedMessages: 0, receivedBytes: 0 }
  /** The latest life. */
  host: Host | undefined
  /** Nodes that cannot be reached from here, whatever the links say. */
  readonly #cuts = new Set<NodeId>()

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

  countSent (sizeBytes: number): void {
    this.traffic.sentMessages++
    this.traffic.sentBytes += sizeBytes
  }

  countReceived (sizeBytes: number): void {
    this.traffic.receivedMessages++
    this.traffic.receivedBytes += sizeBytes
  }
}

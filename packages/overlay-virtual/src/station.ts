import type { NodeId } from '@welkin/interface'
import type { Host } from './host.ts'
import type { Traffic } from './message.ts'

/** A socket in the wall: what the network knows of one node, over all its lives. */
export class Station {
  readonly traffic: Traffic = { sentMessages: 0, sentBytes: 0, receivedMessages: 0, receivedBytes: 0 }
  /** The latest life. */
  host: Host | undefined
  /** Nodes that cannot be reached from here, and which cut of this station that was. */
  readonly #cuts = new Map<NodeId, number>()
  #cutCount = 0

  cut (to: NodeId): void {
    if (!this.#cuts.has(to)) this.#cuts.set(to, ++this.#cutCount)
  }

  mend (to: NodeId): void {
    this.#cuts.delete(to)
  }

  cuts (): NodeId[] {
    return [...this.#cuts.keys()]
  }

  isCutTo (to: NodeId): boolean {
    return this.#cuts.size > 0 && this.#cuts.has(to)
  }

  /** Tells this cut from earlier and later ones; undefined: the way is open. */
  cutStamp (to: NodeId): number | undefined {
    return this.#cuts.get(to)
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

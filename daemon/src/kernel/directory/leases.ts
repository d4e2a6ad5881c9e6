import type { NodeId } from '@welkin/interface'

/** Of all leases, those of one node are no more than this share. */
const SHARE_OF_ONE = 0.1

/** Who asked to be told of what, and until when; bounded, so that nobody can ask for everything. Pure. */
export class Leases {
  readonly #leasesMax: number
  readonly #byTopic = new Map<string, Map<NodeId, number>>()
  readonly #counts = new Map<NodeId, number>()
  #size = 0

  constructor (leasesMax: number) {
    this.#leasesMax = leasesMax
  }

  get size (): number {
    return this.#size
  }

  /** False: there is no room; who asks may come again to look. */
  grant (topic: string, node: NodeId, untilMs: number): boolean {
    const leases = this.#byTopic.get(topic)
    const until = leases?.get(node)
    if (until !== undefined) {
      leases?.set(node, Math.max(until, untilMs))
      return true
    }
    const count = this.#counts.get(node) ?? 0
    if (this.#size >= this.#leasesMax || count >= Math.max(1, this.#leasesMax * SHARE_OF_ONE)) return false
    this.#counts.set(node, count + 1)
    this.#size++
    if (leases === undefined) this.#byTopic.set(topic, new Map([[node, untilMs]]))
    else leases.set(node, untilMs)
    return true
  }

  /** Who is to be told of a topic now. */
  of (topic: string, nowMs: number): NodeId[] {
    const leases = this.#byTopic.get(topic)
    if (leases === undefined) return []
    for (const [node, untilMs] of leases) if (untilMs <= nowMs) this.#drop(topic, node)
    return [...leases.keys()]
  }

  has (topic: string, node: NodeId, nowMs: number): boolean {
    return (this.#byTopic.get(topic)?.get(node) ?? -Infinity) > nowMs
  }

  /** Forgets what has run out. */
  expire (nowMs: number): void {
    for (const topic of this.#byTopic.keys()) this.of(topic, nowMs)
  }

  #drop (topic: string, node: NodeId): void {
    const leases = this.#byTopic.get(topic)
    if (leases?.delete(node) !== true) return
    this.#size--
    const count = (this.#counts.get(node) ?? 1) - 1
    if (count === 0) this.#counts.delete(node)
    else this.#counts.set(node, count)
    if (leases.size === 0) this.#byTopic.delete(topic)
  }
}

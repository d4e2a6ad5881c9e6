import { Gate } from '@welkin/async'
import { ignoreFault, isSameBytes, type Clock, type NodeId } from '@welkin/interface'
import type { Holder } from './holder.ts'
import type { KnownNodes } from './known-nodes.ts'
import { Leases } from './leases.ts'
import type { Peers } from './peers.ts'
import { topicOf } from './served.ts'
import type { Held } from './record-store.ts'

interface TellingPorts { clock: Clock, known: KnownNodes, holder: () => Holder, peers: Peers }

/** Peers that are told at a time. */
const TELL_WIDTH = 32
/** Changes that wait to be told; past these, nobody is: they look again when their lease ends. */
const WAITING_MAX = 10_000

/** Who is told of changes here, and of which changes this node has asked to be told. */
export class Telling {
  /** Of others, at this node. */
  readonly leases: Leases
  /** Of this node, at others. */
  readonly #asked: Leases
  readonly #ports: TellingPorts
  readonly #gate = new Gate(TELL_WIDTH)
  /** Told last, by topic: several holders tell of the same change. */
  readonly #toldLast = new Map<string, Uint8Array>()

  constructor (ports: TellingPorts, { tellsMax }: { tellsMax: number }) {
    this.#ports = ports
    this.leases = new Leases(tellsMax)
    // All are this node's own, so that the share of one is the whole.
    this.#asked = new Leases(10 * tellsMax)
  }

  /** From now on this node wants to hear of changes; `record`: what it knows already. */
  want (kind: string, key: string, tellMs: number, record: Uint8Array | undefined): void {
    const { clock, known } = this.#ports
    const topic = topicOf(kind, key)
    this.#asked.grant(topic, known.self.id, clock.monotonicMs() + tellMs)
    if (record !== undefined) this.#toldLast.set(topic, record)
  }

  /** What this node keeps has changed: `from` knows. */
  changed ({ kind, key, record }: Held, from: NodeId): void {
    const { clock, known } = this.#ports
    this.#notice(kind, key, record)
    for (const id of this.leases.of(topicOf(kind, key), clock.monotonicMs())) {
      if (id !== from && id !== known.self.id) this.#tell(id, kind, key)
    }
  }

  /** Somebody says so. What this node did not ask for is passed over; throws as `check` does. */
  told (kind: string, key: string, record: Uint8Array): void {
    if (!this.#isAsked(kind, key)) return
    const last = this.#toldLast.get(topicOf(kind, key))
    if (last !== undefined && isSameBytes(last, record)) return
    this.#notice(kind, key, this.#ports.holder().check(kind, key, record).record)
  }

  expire (): void {
    const { clock, known } = this.#ports
    const nowMs = clock.monotonicMs()
    this.leases.expire(nowMs)
    this.#asked.expire(nowMs)
    for (const topic of this.#toldLast.keys()) {
      if (!this.#asked.has(topic, known.self.id, nowMs)) this.#toldLast.delete(topic)
    }
  }

  #isAsked (kind: string, key: string): boolean {
    const { clock, known } = this.#ports
    return this.#asked.has(topicOf(kind, key), known.self.id, clock.monotonicMs())
  }

  /** Only what is new to this node: a late holder may tell of an older state. */
  #notice (name: string, key: string, record: Uint8Array): void {
    if (!this.#isAsked(name, key)) return
    const kind = this.#ports.holder().kind(name)
    const topic = topicOf(name, key)
    const last = this.#toldLast.get(topic)
    const merged = last === undefined ? record : kind.merge(key, last, record)
    if (last !== undefined && isSameBytes(last, merged)) return
    this.#toldLast.set(topic, merged)
    kind.changed?.(key, merged)
  }

  /** What is told is what is held when its turn comes, so that several changes are one. */
  #tell (id: NodeId, kind: string, key: string): void {
    const { known, holder, peers } = this.#ports
    const node = known.get(id) ?? known.placed({ id, addresses: [] })
    if (this.#gate.waiting >= WAITING_MAX) return
    this.#gate.run(async () => {
      const record = holder().held(kind, key)
      if (record !== undefined) await peers.ask(node, { is: 'changed', kind, key, record })
    }).catch(ignoreFault)
  }
}

import { CloudError, isCloudError, isSameBytes, type Clock, type NodeId } from '@welkin/interface'
import type { Point } from '@welkin/kademlia'
import { Allowance } from './allowance.ts'
import { FINGERPRINT_BYTES, sumOf } from './fingerprints.ts'
import type { Holder } from './holder.ts'
import type { KnownNodes } from './known-nodes.ts'
import type { Leases } from './leases.ts'
import {
  packFound, packNodes, packSame, packStored, packTaken, packWanted, unpackQuestion, type Asker, type Contact,
  type Entry, type Question
} from './messages.ts'
import type { DirectoryMetrics } from './metrics.ts'
import type { DirectoryOptions } from './options.ts'
import { shares } from './responsibility.ts'

interface ServedPorts {
  clock: Clock
  known: KnownNodes
  holder: Holder
  leases: Leases
  metrics: DirectoryMetrics
  /** Whether this node may not have yet what it is to keep. */
  isYoung: () => boolean
  /** Something that this node may have asked to be told of. */
  onTold: (kind: string, key: string, record: Uint8Array) => void
}

/** Nobody is promised to be told for longer, without asking again. */
const TELL_MS_MAX = 3_600_000

/** What peers ask, and what they are answered: nothing that they send is believed before it was checked. */
export class Served {
  readonly #ports: ServedPorts
  readonly #options: DirectoryOptions
  readonly #allowance: Allowance

  constructor (ports: ServedPorts, options: DirectoryOptions) {
    this.#ports = ports
    this.#options = options
    this.#allowance = new Allowance(options.questionsPerSecond)
  }

  /** Throws EPROTO for what is no question, EAGAIN for too many, and as a Holder does. */
  answer (payload: Uint8Array, peer: NodeId): Uint8Array {
    try {
      const question = unpackQuestion(payload)
      this.#limit(peer, 'entries' in question ? question.entries.length : 1)
      return this.#answer(question, peer)
    } catch (error) {
      if (isCloudError(error)) this.#ports.metrics.refused.add(1, { code: error.code })
      throw error
    }
  }

  #answer (question: Question, peer: NodeId): Uint8Array {
    const { holder, onTold } = this.#ports
    switch (question.is) {
      case 'find':
        this.#met(peer, question.asker)
        return packNodes(this.#nearest(question.target, peer))
      case 'get': return this.#get(question, peer)
      case 'put': {
        const { kind, key, record } = question
        const merged = holder.take(kind, key, record, peer)
        return packTaken(isSameBytes(merged, record) ? undefined : merged)
      }
      case 'compare': return packSame(this.#hasSame(question, peer))
      case 'have': return packWanted(this.#wanted(question))
      case 'store': return packStored(this.#store(question, peer))
      case 'changed':
        onTold(question.kind, question.key, question.record)
        return packSame(true)
    }
  }

  #limit (peer: NodeId, amount: number): void {
    if (this.#allowance.take(peer, Math.max(1, amount), this.#ports.clock.monotonicMs())) return
    throw new CloudError('EAGAIN', 'This node was asked too much of late; try again later.')
  }

  #met (id: NodeId, { addresses, upMs }: Asker): void {
    const { clock, known } = this.#ports
    if (addresses.length === 0) return
    known.seen(known.placed({ id, addresses }), upMs === undefined ? undefined : clock.monotonicMs() - upMs)
  }

  /** Those that somebody can reach by what is known here, this node among them. */
  #nearest (target: Point, peer: NodeId): Contact[] {
    const { clock, known } = this.#ports
    known.refresh(clock.monotonicMs())
    return known.nearest(target, this.#options.replicas + 1)
      .filter(({ id, addresses }) => id !== peer && addresses.length > 0)
      .slice(0, this.#options.replicas)
  }

  #get (
    { kind, key, tellMs, wantsNodes, asker }: Extract<Question, { is: 'get' }>, peer: NodeId
  ): Uint8Array {
    const { clock, holder, leases, isYoung } = this.#ports
    holder.kind(kind)
    this.#met(peer, asker)
    if (tellMs > 0) {
      leases.grant(topicOf(kind, key), peer, clock.monotonicMs() + Math.min(tellMs, TELL_MS_MAX))
    }
    const nodes = wantsNodes ? this.#nearest(holder.pointOf(kind, key), peer) : []
    return packFound({ record: holder.held(kind, key), isYoung: isYoung(), nodes })
  }

  #hasSame ({ kind, digest }: Extract<Question, { is: 'compare' }>, peer: NodeId): boolean {
    const { holder, known } = this.#ports
    holder.kind(kind)
    const own: Uint8Array[] = []
    for (const held of holder.store.of(kind)) {
      if (shares(held.holders, peer, known.self.id)) own.push(held.fingerprint)
    }
    return isSameBytes(sumOf(own), digest)
  }

  #wanted ({ kind, fingerprints }: Extract<Question, { is: 'have' }>): number[] {
    const { holder } = this.#ports
    holder.kind(kind)
    const own = new Set<string>()
    for (const { fingerprint } of holder.store.of(kind)) own.add(nameOf(fingerprint))
    const count = fingerprints.byteLength / FINGERPRINT_BYTES
    return Array.from({ length: count }, (_, place) => place).filter(place => {
      const from = place * FINGERPRINT_BYTES
      return !own.has(nameOf(fingerprints.subarray(from, from + FINGERPRINT_BYTES)))
    })
  }

  /** What cannot be kept is passed over: whoever hands it over looks again later. */
  #store ({ kind, entries }: Extract<Question, { is: 'store' }>, peer: NodeId): Entry[] {
    const { holder } = this.#ports
    holder.kind(kind)
    return entries.flatMap(({ key, record }) => {
      try {
        const merged = holder.take(kind, key, record, peer)
        return isSameBytes(merged, record) ? [] : [{ key, record: merged }]
      } catch (error) {
        if (!isCloudError(error)) throw error
        this.#ports.metrics.refused.add(1, { code: error.code })
        return []
      }
    })
  }
}

export function topicOf (kind: string, key: string): string {
  return `${kind}\0${key}`
}

function nameOf (fingerprint: Uint8Array): string {
  return String.fromCharCode(...fingerprint)
}

import type { NodeId } from '@welkin/interface'
import type { Point } from '@welkin/kademlia'

/** A record that is kept for others. */
export interface Held {
  readonly kind: string
  readonly key: string
  readonly point: Point
  record: Uint8Array
  fingerprint: Uint8Array
  /** When it is forgotten; wall clock. */
  untilMs: number
  /** Who gave it; a node's own count against nobody. */
  source: NodeId
  /** Who is to keep it, nearest first, as of the last look. */
  holders: readonly NodeId[]
  /** Since when the nearer ones have it, and this node need not; monotonic. */
  spareSinceMs: number | undefined
}

interface StoreLimits { recordsMax: number, bytesMax: number, sourceShare: number }

interface Amount { records: number, bytes: number }

/** What a record takes beside its bytes and its key. */
const OVERHEAD_BYTES = 300

/**
 * Records that this node keeps for others: so many of each kind, so many bytes in all, and no more than a share of both
 * from one peer, so that no peer crowds out what others gave. Pure.
 */
export class RecordStore {
  readonly #limits: StoreLimits
  readonly #self: NodeId
  readonly #kinds = new Map<string, Map<string, Held>>()
  readonly #sources = new Map<NodeId, Amount>()
  #records = 0
  #bytes = 0
  #revision = 0
  /** Nothing expires before that; wall clock. */
  #soonestMs = Number.POSITIVE_INFINITY

  constructor (self: NodeId, limits: StoreLimits) {
    this.#self = self
    this.#limits = limits
  }

  get size (): number {
    return this.#records
  }

  get bytes (): number {
    return this.#bytes
  }

  /** Another one whenever something was kept or forgotten. */
  get revision (): number {
    return this.#revision
  }

  get (kind: string, key: string): Held | undefined {
    return this.#kinds.get(kind)?.get(key)
  }

  of (kind: string): Iterable<Held> {
    return this.#kinds.get(kind)?.values() ?? []
  }

  * values (): Generator<Held> {
    for (const records of this.#kinds.values()) yield * records.values()
  }

  /** Keeps it in place of what stood under its key; false: there is no room for it. */
  set (held: Held): boolean {
    const { kind, key, source } = held
    const before = this.get(kind, key)
    const growth = sizeOf(held) - (before === undefined ? 0 : sizeOf(before))
    if (!this.#hasRoom(kind, source, before, growth)) return false
    this.#count(before, -1)
    let records = this.#kinds.get(kind)
    if (records === undefined) this.#kinds.set(kind, records = new Map())
    records.set(key, held)
    this.#count(held, 1)
    this.#soonestMs = Math.min(this.#soonestMs, held.untilMs)
    return true
  }

  delete (kind: string, key: string): void {
    const held = this.get(kind, key)
    if (held === undefined) return
    this.#kinds.get(kind)?.delete(key)
    this.#count(held, -1)
  }

  /** Forgets what has expired. */
  expire (wallMs: number): void {
    if (wallMs < this.#soonestMs) return
    this.#soonestMs = Number.POSITIVE_INFINITY
    for (const { kind, key, untilMs } of this.values()) {
      if (untilMs <= wallMs) this.delete(kind, key)
      else this.#soonestMs = Math.min(this.#soonestMs, untilMs)
    }
  }

  /** Forgets all of a kind. */
  drop (kind: string): void {
    for (const { key } of this.of(kind)) this.delete(kind, key)
  }

  #hasRoom (kind: string, source: NodeId, before: Held | undefined, growth: number): boolean {
    const { recordsMax, bytesMax, sourceShare } = this.#limits
    if (before === undefined && (this.#kinds.get(kind)?.size ?? 0) >= recordsMax) return false
    if (this.#bytes + growth > bytesMax) return false
    if (source === this.#self) return true
    const given = this.#sources.get(source) ?? { records: 0, bytes: 0 }
    return given.records < recordsMax * sourceShare && given.bytes + Math.max(0, growth) <= bytesMax * sourceShare
  }

  #count (held: Held | undefined, sign: 1 | -1): void {
    if (held === undefined) return
    this.#revision++
    const size = sign * sizeOf(held)
    this.#records += sign
    this.#bytes += size
    const { records, bytes } = this.#sources.get(held.source) ?? { records: 0, bytes: 0 }
    if (records + sign === 0) this.#sources.delete(held.source)
    else this.#sources.set(held.source, { records: records + sign, bytes: bytes + size })
  }
}

function sizeOf ({ key, record }: Held): number {
  return OVERHEAD_BYTES + 2 * key.length + record.byteLength
}

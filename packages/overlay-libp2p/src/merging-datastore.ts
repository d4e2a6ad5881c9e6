import { Record as DhtRecord } from '@libp2p/kad-dht'
import { isSameBytes, type RecordKind } from '@welkin/interface'
import { MemoryDatastore } from 'datastore-core'
import type { Key } from 'interface-datastore'

/** Under what kad-dht keeps its records. */
export const RECORDS = '/welkin/record'

const decoder = new TextDecoder()

/** `/<kind>/<key>`, as kad-dht knows it. */
export function nameOf (kind: string, key: string): Uint8Array {
  return new TextEncoder().encode(`/${kind}/${key}`)
}

/** Undefined for what is no such name. */
export function partsOf (name: Uint8Array): { kind: string, key: string } | undefined {
  const text = decoder.decode(name)
  const keyAt = text.indexOf('/', 1)
  return text.startsWith('/') && keyAt > 1
    ? { kind: text.slice(1, keyAt), key: text.slice(keyAt + 1) }
    : undefined
}

/**
 * Where kad-dht keeps records: one that comes is merged with what is there. By itself it lets the latest to come
 * replace what is newer (js-libp2p#3377), since its selectors are asked by those that look alone.
 */
export class MergingDatastore extends MemoryDatastore {
  readonly #kinds: ReadonlyMap<string, RecordKind>
  readonly #held = new Map<string, DhtRecord>()

  constructor (kinds: ReadonlyMap<string, RecordKind>) {
    super()
    this.#kinds = kinds
  }

  override put (place: Key, value: Uint8Array): Key {
    const record = place.toString().startsWith(RECORDS) ? DhtRecord.deserialize(value) : undefined
    const parts = record === undefined ? undefined : partsOf(record.key)
    const kind = parts === undefined ? undefined : this.#kinds.get(parts.kind)
    if (record === undefined || parts === undefined || kind === undefined) return super.put(place, value) as Key
    const before = this.#held.get(place.toString())
    const merged = before === undefined ? record.value : kind.merge(parts.key, before.value, record.value)
    const kept = isSameBytes(merged, record.value) ? record : new DhtRecord(record.key, merged, new Date(0))
    if (kept !== record) kept.timeReceived = record.timeReceived
    this.#held.set(place.toString(), kept)
    return super.put(place, kept.serialize().subarray()) as Key
  }

  /** Records of a kind, with when they may be forgotten. */
  * held (kind: RecordKind): Generator<readonly [key: string, record: Uint8Array]> {
    for (const { key: name, value } of this.#held.values()) {
      const parts = partsOf(name)
      if (parts?.kind === kind.name) yield [parts.key, value]
    }
  }
}

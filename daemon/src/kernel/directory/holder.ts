import {
  CloudError, isSameBytes, type Cancel, type Clock, type Keys, type NodeId, type RecordKind
} from '@welkin/interface'
import { pointOf, type Point } from '@welkin/kademlia'
import { fingerprintOf } from './fingerprints.ts'
import type { KnownNodes } from './known-nodes.ts'
import { KEY_LENGTH_MAX } from './messages.ts'
import type { DirectoryOptions } from './options.ts'
import { RecordStore, type Held } from './record-store.ts'

interface HolderPorts { clock: Clock, keys: Pick<Keys, 'digest'>, known: KnownNodes }

/** What this node keeps for others: checked when it comes, merged with what there is, forgotten when it expires. */
export class Holder {
  readonly store: RecordStore
  readonly #ports: HolderPorts
  readonly #options: DirectoryOptions
  readonly #kinds = new Map<string, RecordKind>()
  readonly #onChange: (held: Held, from: NodeId) => void

  constructor (ports: HolderPorts, options: DirectoryOptions, onChange: (held: Held, from: NodeId) => void) {
    this.#ports = ports
    this.#options = options
    this.#onChange = onChange
    this.store = new RecordStore(ports.known.self.id, options)
  }

  keep (kind: RecordKind): Cancel {
    if (this.#kinds.has(kind.name)) {
      throw new CloudError('EBUSY', `Records of kind "${kind.name}" are kept already.`)
    }
    this.#kinds.set(kind.name, kind)
    return () => {
      if (this.#kinds.get(kind.name) !== kind) return
      this.#kinds.delete(kind.name)
      this.store.drop(kind.name) // nobody understands them any more
    }
  }

  /** Throws ENOSYS where nobody here understands such records. */
  kind (name: string): RecordKind {
    const kind = this.#kinds.get(name)
    if (kind !== undefined) return kind
    const message = `This node keeps no records of kind "${name}"; check that all run the same version.`
    throw new CloudError('ENOSYS', message)
  }

  /** Different kinds share no keys. */
  pointOf (kind: string, key: string): Point {
    return pointOf(`${kind}\0${key}`, this.#ports.keys)
  }

  held (kind: string, key: string): Uint8Array | undefined {
    const held = this.store.get(kind, key)
    return held === undefined || held.untilMs <= this.#ports.clock.wallMs() ? undefined : held.record
  }

  /** What of it may be kept. Throws as `check` of its kind does, EINVAL (the key), E2BIG, ENOSYS. */
  check (name: string, key: string, record: Uint8Array): { kind: RecordKind, record: Uint8Array } {
    const kind = this.kind(name)
    const { recordBytesMax } = this.#options
    if (key.length > KEY_LENGTH_MAX) {
      throw new CloudError('EINVAL', `A key has at most ${KEY_LENGTH_MAX} characters and this has ${key.length}.`)
    }
    if (record.byteLength > recordBytesMax) {
      const message = `A record has at most ${recordBytesMax} bytes and this has ${record.byteLength}; keep less in it.`
      throw new CloudError('E2BIG', message, { fields: { bytesMax: recordBytesMax } })
    }
    return { kind, record: kind.check(key, record) }
  }

  /**
   * Keeps a record; says what it comes to with what there was. Throws as `check` does, EINVAL where it has expired, and
   * EAGAIN where there is no room.
   */
  take (name: string, key: string, given: Uint8Array, from: NodeId): Uint8Array {
    const { clock, keys, known } = this.#ports
    const before = this.store.get(name, key)
    if (before !== undefined && isSameBytes(before.record, given)) return before.record
    const { kind, record } = this.check(name, key, given)
    const merged = before === undefined ? record : kind.merge(key, before.record, record)
    if (before !== undefined && isSameBytes(merged, before.record)) return before.record
    const nowMs = clock.wallMs()
    const untilMs = Math.min(kind.untilMs(key, merged), nowMs + this.#options.keepMsMax)
    if (untilMs <= nowMs) throw new CloudError('EINVAL', 'The record has expired; put one that has not.')
    const point = before?.point ?? this.pointOf(name, key)
    const fingerprint = fingerprintOf(point, merged, keys)
    const holders = before?.holders ?? known.nearest(point, this.#options.replicas).map(({ id }) => id)
    const spareSinceMs = before?.spareSinceMs
    const held: Held = {
      kind: name, key, point, record: merged, fingerprint, untilMs, source: from, holders, spareSinceMs
    }
    if (!this.store.set(held)) this.store.expire(nowMs)
    if (this.store.get(name, key) !== held && !this.store.set(held)) {
      throw new CloudError('EAGAIN', 'This node keeps as much as it can; try again later.')
    }
    this.#onChange(held, from)
    return merged
  }
}

import type { AbortOptions } from '../abort.ts'
import type { Cancel } from './clock.ts'

export interface DirectoryOptions extends AbortOptions {
  /** Milliseconds until a look-up gives up; what it has found by then counts. */
  timeoutMs?: number | undefined
}

/**
 * What one sort of records is, to nodes that keep them for others. All of it is a pure function of its arguments and
 * of what is permitted now, so that all holders come to the same.
 */
export interface RecordKind {
  /** A DNS label: the name space of its keys. */
  readonly name: string
  /**
   * What of a record may stand under the key: all of it (`record` itself), or what is left when parts have expired or
   * were revoked. Throws EACCES, EINVAL, E2BIG, EPROTO where nothing may; then nobody keeps it.
   */
  check (key: string, record: Uint8Array): Uint8Array
  /**
   * What two checked records come to together: associative, commutative, idempotent. Returns `held` itself where the
   * other has nothing new.
   */
  merge (key: string, held: Uint8Array, given: Uint8Array): Uint8Array
  /** When it may be forgotten; wall clock. */
  untilMs (key: string, record: Uint8Array): number
  /** A holder tells of a change that this node has asked to be told of. The record was checked. */
  changed? (key: string, record: Uint8Array): void
}

/**
 * Small records by key, kept by the nodes whose ids are nearest to the hash of the key (Maymounkov and Mazieres,
 * Kademlia, 2002). Soft state: it outlives nodes, not its own expiry. Keys are text of at most 512 characters.
 */
export interface Directory {
  /** From now on this node keeps, checks and looks up records of that kind. */
  keep (kind: RecordKind): Cancel
  /**
   * Resolves with what the holders then have together when most of them have taken it. Rejects as `check` does,
   * EAGAIN (holders are full), EHOSTDOWN and ETIMEDOUT (too few of them answered; it may have been kept all the same).
   */
  put (kind: string, key: string, record: Uint8Array, options?: DirectoryOptions): Promise<Kept>
  /**
   * What holders have, merged; undefined: they answer and have nothing. `tellMs`: they are to tell of changes for so
   * long, where the overlay can. Rejects EHOSTDOWN, ETIMEDOUT where too few answered to know.
   */
  get (
    kind: string, key: string, options?: DirectoryOptions & { tellMs?: number | undefined }
  ): Promise<Uint8Array | undefined>
  /** What this node itself keeps for others. */
  held (kind: string): Iterable<readonly [key: string, record: Uint8Array]>
}

export interface Kept { record: Uint8Array, holders: number }

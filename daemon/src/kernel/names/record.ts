import { decode, encode } from '@welkin/abi'
import { putBounded } from '@welkin/async'
import {
  CloudError, isCloudError, isSameBytes, toHex, type Clock, type Keys, type RecordKind
} from '@welkin/interface'
import type { Access } from '../../dispatch/index.ts'
import { isSaid, openEntry, subjectKey, type Entry } from './entry.ts'

/** Under one name. */
export const ENTRIES_MAX = 128
/** Clocks differ: what is said to be from further ahead than this is not believed. */
const SKEW_MS = 5 * 60_000
export const LIFE_MS_MAX = 30 * 24 * 3_600_000
/** Entries that are known to be good. */
const CHECKED_MAX = 20_000

export interface NameRecordsPorts {
  access: Pick<Access, 'binderOf'>
  clock: Pick<Clock, 'wallMs'>
  keys: Pick<Keys, 'verify'>
  /** The label by which all names of the cloud end. */
  cloud: string
  changed: (name: string, entries: readonly Entry[]) => void
}

/**
 * What is kept under a name: entries, the newest of each subject, in the order of their subjects. Each is signed and
 * shows by which capability it was said, so that nobody keeps what its writer may not write.
 */
export class NameRecords implements RecordKind {
  readonly name = 'names'
  readonly #ports: NameRecordsPorts
  readonly #checked = new Map<string, Entry>()

  constructor (ports: NameRecordsPorts) {
    this.#ports = ports
  }

  /** The entries of a checked record. */
  open (record: Uint8Array): readonly Entry[] {
    return wiresOf(record).map(wire => this.#entryOf(wire))
  }

  check (key: string, record: Uint8Array): Uint8Array {
    const entries = wiresOf(record).map(wire => this.#entryOf(wire))
    let refusal: unknown
    const standing = entries.filter(entry => {
      try {
        this.#check(key, entry)
        return true
      } catch (error) {
        if (!isCloudError(error, 'EACCES')) throw error
        refusal ??= error
        return false
      }
    })
    if (standing.length === entries.length) return record
    if (standing.length === 0) throw refusal
    return encodeEntries(standing)
  }

  merge (_key: string, held: Uint8Array, given: Uint8Array): Uint8Array {
    const merged = mergeEntries(this.open(held), this.open(given))
    const record = encodeEntries(merged)
    return isSameBytes(record, held) ? held : record
  }

  untilMs (_key: string, record: Uint8Array): number {
    return Math.max(0, ...this.open(record).map(({ untilMs }) => untilMs))
  }

  changed (key: string, record: Uint8Array): void {
    this.#ports.changed(key, this.open(record))
  }

  /** Opened once, as long as it is remembered; equal bytes are equal entries. */
  #entryOf (wire: unknown): Entry {
    const key = wire instanceof Uint8Array ? toHex(wire.subarray(0, 16)) : ''
    const known = this.#checked.get(key)
    return known !== undefined && isSameBytes(known.wire, wire as Uint8Array) ? known : openEntry(wire)
  }

  /** Its signature is verified once; its chain can be revoked, and its time can come. */
  #check (key: string, entry: Entry): void {
    const { access, clock, cloud, keys } = this.#ports
    const { boundAtMs, chain, name, signer, stampMs, untilMs, wire } = entry
    if (name !== key) throw new CloudError('EPROTO', 'A name was kept under another.')
    if (name !== cloud && !name.endsWith(`.${cloud}`)) {
      throw new CloudError('EINVAL', `The names of this cloud end in ${cloud}; ${name} does not.`)
    }
    const nowMs = clock.wallMs()
    if (untilMs <= nowMs) throw new CloudError('EACCES', `${name} was bound for a time that is over.`)
    if (Math.max(stampMs, boundAtMs) > nowMs + SKEW_MS) {
      throw new CloudError('EINVAL', `${name} was bound in the future; set the clock of the node that binds it.`)
    }
    if (untilMs > stampMs + LIFE_MS_MAX) throw new CloudError('EINVAL', `${name} would be kept for too long.`)
    const binder = access.binderOf(signer, chain, name)
    if (untilMs > binder.untilMs) throw new CloudError('EACCES', `${name} would outlive what permits it.`)
    const id = toHex(wire.subarray(0, 16))
    if (this.#checked.get(id) === entry) return
    if (!isSaid(entry, keys)) throw new CloudError('EACCES', `Nobody has signed what ${name} stands for.`)
    // Equal bytes came in a frame that may be large, of which this would keep all.
    putBounded(this.#checked, id, { ...entry, wire: wire.slice() }, CHECKED_MAX)
  }
}

export function encodeEntries (entries: readonly Entry[]): Uint8Array {
  return encode(entries.map(({ wire }) => wire))
}

/** The newest of each subject, in the order of their subjects; of so many that they do not fit, the oldest go. */
export function mergeEntries (one: readonly Entry[], other: readonly Entry[]): Entry[] {
  const newest = new Map<string, Entry>()
  for (const entry of [...one, ...other]) {
    const key = subjectKey(entry)
    const held = newest.get(key)
    if (held === undefined || isNewer(entry, held)) newest.set(key, entry)
  }
  const kept = [...newest.values()].toSorted((a, b) => isNewer(a, b) ? -1 : 1).slice(0, ENTRIES_MAX)
  return kept.toSorted((a, b) => subjectKey(a) < subjectKey(b) ? -1 : 1)
}

function isNewer (one: Entry, other: Entry): boolean {
  if (one.stampMs !== other.stampMs) return one.stampMs > other.stampMs
  for (let at = 0; at < one.wire.length; at++) {
    const difference = (one.wire[at] as number) - (other.wire[at] ?? -1)
    if (difference !== 0) return difference > 0
  }
  return false
}

function wiresOf (record: Uint8Array): readonly unknown[] {
  const wires = decode(record)
  if (Array.isArray(wires) && wires.length <= ENTRIES_MAX) return wires
  throw new CloudError('EPROTO', 'What is kept under a name is no list of entries, or one that is too long.')
}

import type { ReplyOf } from '@welkin/abi'
import type { CloudError } from '@welkin/interface'

export type NameRecord = ReplyOf<'name.resolve'>
export type NameEntry = NameRecord['entries'][number]

/** What is known of a name: what it stands for, or why that is nothing; and for how long it may be believed. */
export type Known = { readonly untilMs: number } & (
  { readonly record: NameRecord, readonly nothing?: undefined } |
  { readonly nothing: CloudError, readonly record?: undefined })

interface Kept { known: Known, usedAtMs: number }

/**
 * What names stood for, each for as long as it may be believed. Of at most `namesMax`: who was not asked for longest
 * makes room.
 */
export class Records {
  /** In order of use. */
  readonly #kept = new Map<string, Kept>()
  readonly #namesMax: number

  constructor ({ namesMax }: { namesMax: number }) {
    this.#namesMax = namesMax
  }

  /** What may be believed of the name at `nowMs`. */
  use (name: string, nowMs: number): Known | undefined {
    const kept = this.#kept.get(name)
    if (kept === undefined) return undefined
    this.#kept.delete(name)
    this.#kept.set(name, { known: kept.known, usedAtMs: nowMs })
    return kept.known.untilMs > nowMs ? kept.known : undefined
  }

  /** What was heard last, whether it may still be believed or not. */
  last (name: string): Known | undefined {
    return this.#kept.get(name)?.known
  }

  /** Gives the name that had to make room, if one had. `isNews`: nobody asked for it, so it counts as no use. */
  keep (name: string, known: Known, nowMs: number, { isNews = false } = {}): string | undefined {
    const kept = this.#kept.get(name)
    if (isNews && kept !== undefined) {
      kept.known = known
      return undefined
    }
    this.#kept.delete(name)
    this.#kept.set(name, { known, usedAtMs: nowMs })
    if (this.#kept.size <= this.#namesMax) return undefined
    const oldest = this.#kept.keys().next().value as string
    this.#kept.delete(oldest)
    return oldest
  }

  /** Forgets the names that were not used since `sinceMs`, and gives them. */
  dropIdle (sinceMs: number): string[] {
    const idle: string[] = []
    for (const [name, { usedAtMs }] of this.#kept) {
      if (usedAtMs >= sinceMs) break
      idle.push(name)
    }
    for (const name of idle) this.#kept.delete(name)
    return idle
  }
}

/** Whether two records say the same; when it was bound and until when are no part of that. */
export function isSameMeaning (one: NameRecord | undefined, other: NameRecord | undefined): boolean {
  return meaningOf(one) === meaningOf(other)
}

function meaningOf (record: NameRecord | undefined): string {
  if (record === undefined || record.entries.length === 0) return ''
  const entries = record.entries.map(({ object, node, blob, alias, label, ports }) =>
    [object, node, blob, alias, label, Object.entries(ports).toSorted(([one], [other]) => one < other ? -1 : 1)])
  return JSON.stringify([record.name, record.ttlMs, entries])
}

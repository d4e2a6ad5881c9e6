import { canonicalName, CloudError, isCloudError } from '@welkin/interface'
import type { NameEntry, NameRecord } from './records.ts'

/** How long a way of aliases may be, and how many names it may lead to in all. */
const DEPTH_MAX = 8
const NAMES_MAX = 64

/** `ttlMs`: for so long it may be remembered from now. */
export interface Believed { readonly record: NameRecord, readonly ttlMs: number }

/** `name`: in full, where the aliases lead to one. None of `entries` is an alias. */
export interface Followed { readonly name: string, readonly entries: readonly NameEntry[], readonly ttlMs: number }

/**
 * Follows aliases until there are none. Rejects ENOENT where all of them lead nowhere, EINVAL where one leads back to
 * where it came from or on and on, and as `ask` does.
 */
export async function follow (name: string, ask: (name: string) => Promise<Believed>): Promise<Followed> {
  let count = 0
  const expand = async (at: string, trail: readonly string[]): Promise<Followed> => {
    if (++count > NAMES_MAX) throw endless(name, `leads to more than ${NAMES_MAX} names`)
    const { record, ttlMs } = await ask(at)
    const way = [...trail, at, record.name]
    const parts = await Promise.all(record.entries.map(async (entry): Promise<Followed | CloudError> => {
      if (entry.alias === undefined) return { name: record.name, entries: [entry], ttlMs }
      const next = canonicalName(entry.alias)
      if (way.includes(next)) throw endless(name, `leads to ${next} again, by ${record.name}`)
      if (trail.length >= DEPTH_MAX) throw endless(name, `leads from alias to alias more than ${DEPTH_MAX} times`)
      try {
        return await expand(next, [...trail, at])
      } catch (error) {
        if (isCloudError(error, 'ENOENT')) return error
        throw error
      }
    }))
    const found = parts.flatMap(part => part instanceof CloudError ? [] : part)
    const [first] = found
    if (first === undefined) {
      const lost = parts.find(part => part instanceof CloudError)
      const why = lost === undefined ? 'stands for nothing; bind it to something.' : `leads nowhere: ${lost.message}`
      throw new CloudError('ENOENT', `${record.name} ${why}`, { cause: lost })
    }
    return {
      name: parts.length === 1 ? first.name : record.name,
      entries: found.flatMap(({ entries }) => entries),
      ttlMs: Math.min(ttlMs, ...found.map(part => part.ttlMs))
    }
  }
  return await expand(name, [])
}

function endless (name: string, how: string): CloudError {
  return new CloudError('EINVAL', `${name} ${how}; bind one of these to something that is no alias.`)
}

import type { Keys } from '@welkin/interface'
import { createVirtualRandom, KeyAuthority } from '@welkin/platform-virtual'
import { sealEntry, type Binding, type Entry } from '../../../src/kernel/names/entry.ts'

const authority = new KeyAuthority(createVirtualRandom('names'))

export function keysOf (name: string): Keys {
  return authority.keysOf(name)
}

/** What `by` says, web.acme standing for object `id` unless told otherwise. */
export function said (given: Partial<Binding> & { id?: string, by?: string } = {}): Entry {
  const { id = 'aa', by = 'n1', ...rest } = given
  return sealEntry({
    name: 'web.acme', subject: { kind: 'object', id, node: by }, ports: { http: 80 }, rule: 'both', ttlMs: 1000,
    boundAtMs: 1000, stampMs: 1000, untilMs: 100_000, removed: false, chain: [], ...rest
  }, keysOf(by))
}

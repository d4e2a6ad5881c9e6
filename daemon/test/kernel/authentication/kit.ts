import { sealDelegation, type Grant } from '@welkin/capability'
import { SILENT, type Clock, type Disk, type Keys, type Records } from '@welkin/interface'
import { createNodeKeys } from '@welkin/platform-node'

export const FOREVER_MS = 1e15

/** The Ed25519 keys that follow from a name. */
export function keysOf (name: string): Keys {
  return createNodeKeys(new TextEncoder().encode(name.padEnd(32)).subarray(0, 32))
}

/** A disk of records alone, which writes down after a while, and can be made to fail. */
export function createRecords (): { disk: Disk, fail: (code?: Error) => void } {
  const kept = new Map<string, Uint8Array>()
  let failure: Error | undefined
  const records: Records = {
    get: async key => kept.get(key),
    list: async prefix => [...kept].filter(([key]) => key.startsWith(prefix)).toSorted()
      .map(([key, value]) => ({ key, value })),
    write: async changes => {
      await new Promise(resolve => { setImmediate(resolve) })
      if (failure !== undefined) throw failure
      for (const { key, value } of changes) {
        if (value === undefined) kept.delete(key)
        else kept.set(key, value)
      }
    }
  }
  return { disk: { records } as Disk, fail: code => { failure = code } }
}

/** A world in which it is always as late as it says. */
export function createPorts (nowMs = Date.UTC(2026, 5)): {
  clock: Clock, disk: Disk, keys: Keys, log: typeof SILENT, root: string, fail: (code?: Error) => void
} {
  const root = keysOf('root')
  const clock = { wallMs: () => nowMs } as Clock
  return { clock, keys: root, log: SILENT, root: root.self, ...createRecords() }
}

let nonces = 0

/** One link more: what `from` hands to `to`. */
export function give (
  chain: readonly Uint8Array[], from: string, to: string, grants: readonly Grant[] = [{ can: ['*'] }],
  expiresMs = FOREVER_MS
): readonly Uint8Array[] {
  const nonce = new Uint8Array(8).fill(++nonces)
  const seal = { signer: keysOf(from), parent: chain.at(-1), nonce }
  return [...chain, sealDelegation({ audience: keysOf(to).self, grants, expiresMs }, seal, keysOf(from))]
}

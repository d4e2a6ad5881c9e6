import { randomBytes } from 'node:crypto'
import { sealDelegation, Verifier } from '@welkin/capability'
import type { Keys } from '@welkin/interface'
import { createNodeKeys } from '@welkin/platform-node'

const HOUR_MS = 3_600_000

/** Two-link chains, from a root by a user to a node, as nodes show to each other. */
export function makeChains (count: number): { root: Keys, chains: Uint8Array[][] } {
  const [root, user, node] = [1, 2, 3].map(() => createNodeKeys(randomBytes(32))) as [Keys, Keys, Keys]
  const link = (by: Keys, to: Keys, parent: Uint8Array | undefined): Uint8Array => sealDelegation(
    { audience: to.self, grants: [{ can: ['processes.*'], on: ['own'] }], expiresMs: Date.now() + HOUR_MS },
    { signer: by, parent, nonce: randomBytes(8) }, root)
  const chains = Array.from({ length: count }, () => {
    const first = link(root, user, undefined)
    return [first, link(user, node, first)]
  })
  return { root, chains }
}

/** How many a second one core verifies, each for the first time, and again. */
export function verifyRates (count: number, ms: number): { coldPerSecond: number, warmPerSecond: number } {
  const { root, chains } = makeChains(count)
  const isRoot = (id: string): boolean => id === root.self
  const verifier = new Verifier({ keys: root, wallMs: () => Date.now(), isRoot, isRevoked: id => none.has(id) })
  const none = new Set<string>()
  const startMs = performance.now()
  for (const chain of chains) verifier.verify(chain)
  const coldPerSecond = count / (performance.now() - startMs) * 1000
  let done = 0
  const warmMs = performance.now()
  while (performance.now() - warmMs < ms) {
    for (const chain of chains) verifier.verify(chain)
    done += count
  }
  return { coldPerSecond, warmPerSecond: done / (performance.now() - warmMs) * 1000 }
}

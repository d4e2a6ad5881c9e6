import type { Keys, NodeId } from '@welkin/interface'
import { createNodeKeys } from '@welkin/platform-node'
import { sealDelegation, type DelegationTerms } from '../src/delegation.ts'
import type { Wanted } from '../src/grant.ts'
import { Verifier } from '../src/verifier.ts'

/** In the middle of a day on which everything here takes place. */
export const NOW_MS = Date.UTC(2026, 5, 1, 12)
export const HOUR_MS = 3_600_000
export const ALL = [{ can: ['*'] }]

const known = new Map<string, Keys>()

/** The Ed25519 keys that follow from a name. */
export function keysOf (name: string): Keys {
  const keys = known.get(name) ?? createNodeKeys(new TextEncoder().encode(name.padEnd(32)).subarray(0, 32))
  known.set(name, keys)
  return keys
}

export const idOf = (name: string): NodeId => keysOf(name).self
export const ROOT = keysOf('root')

let nonces = 0

/** One link more: what `from` hands to `to`. */
export function give (
  chain: readonly Uint8Array[], from: string, to: string, terms: Partial<DelegationTerms> = {}
): Uint8Array[] {
  const nonce = new Uint8Array(8)
  new DataView(nonce.buffer).setUint32(0, ++nonces)
  const whole = { audience: idOf(to), grants: ALL, expiresMs: NOW_MS + HOUR_MS, ...terms }
  return [...chain, sealDelegation(whole, { signer: keysOf(from), parent: chain.at(-1), nonce }, ROOT)]
}

export interface World { nowMs: number, revoked: Set<string>, verifier: Verifier }

export function createWorld (): World {
  const world: Omit<World, 'verifier'> = { nowMs: NOW_MS, revoked: new Set() }
  return Object.assign(world, {
    verifier: new Verifier({
      keys: ROOT, wallMs: () => world.nowMs, isRoot: id => id === ROOT.self, isRevoked: id => world.revoked.has(id)
    })
  })
}

export function wanted (more: Partial<Wanted> = {}): Wanted {
  return { can: 'processes.kill', node: idOf('n1'), zone: 'acme/lyon/r7', ...more }
}

/** The code that this throws with. */
export function codeOf (act: () => unknown): string {
  try {
    act()
    return 'none'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

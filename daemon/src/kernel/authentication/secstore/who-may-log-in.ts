import { cidOf, openDelegation, type Verifier } from '@welkin/capability'
import { CloudError, type Keys, type NodeId } from '@welkin/interface'
import type { UserRecord } from './user-record.ts'

/** The name of the cloud's own root among users. */
export const ROOT = 'root'
const MAKES_USERS = 'access.users'

/**
 * Throws EACCES unless the key is the root's own by the name of `root`, or a user's by a chain that somebody made who
 * may make users.
 */
export function checkUser (
  { name, key, chain }: Pick<UserRecord, 'name' | 'key' | 'chain'>, root: NodeId, verifier: Verifier
): void {
  if (name === ROOT || key === root) {
    if (name === ROOT && key === root && chain.length === 0) return
    throw new CloudError('EACCES', 'The name root is the cloud\'s own, and no user\'s; take another.')
  }
  if (verifier.verify(chain).holder !== key) throw new CloudError('EACCES', `The chain of ${name} is another key's.`)
  const makers = chain.slice(0, -1)
  if (makers.length === 0) return
  const refusal = verifier.verify(makers).refusal({ can: MAKES_USERS, node: '', zone: '' })
  if (refusal !== undefined) throw new CloudError('EACCES', `Who has made ${name} may make no users: ${refusal}.`)
}

/** When the first link of the chain ends; undefined: never. Wall clock. */
export function endOf (chain: readonly Uint8Array[], keys: Pick<Keys, 'digest'>): number | undefined {
  if (chain.length === 0) return undefined
  return Math.min(...chain.map(wire => openDelegation(wire, cidOf(wire, keys)).expiresMs))
}

/** Whether any of what the chain rests on was taken back. */
export function isTakenBack (
  chain: readonly Uint8Array[], isRevoked: (cidOrPrincipal: string) => boolean, keys: Pick<Keys, 'digest'>
): boolean {
  return chain.map(wire => openDelegation(wire, cidOf(wire, keys)))
    .some(({ cid, issuer, audience }) => isRevoked(cid) || isRevoked(issuer) || isRevoked(audience))
}

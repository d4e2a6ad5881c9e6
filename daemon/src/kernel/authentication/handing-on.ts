import type { Grant, Verifier } from '@welkin/capability'
import { CloudError, type CloudProcessId, type NodeId } from '@welkin/interface'
import { BIND } from './names.ts'

/** What a node may do for somebody with what another has handed on to it for one call. */
export const HANDED_ON_MS = 600_000
/** Objects may act for their owner for so long; what is revoked ends sooner. */
export const OBJECTS_MS = 30 * 24 * 3_600_000

/** What is given for objects: to act on these (`cp:ID`, `object:ID`) as they like, and what `can` lists. */
export function grantsOfObjects (which: string, can: readonly string[]): Grant[] {
  const own = { can: ['processes.*', 'communication.*'], on: [which] }
  return can.length === 0 ? [own] : [own, { can }]
}

/** The same for objects of a cloud process that a node hosts, whose names it binds. */
export function grantsOfHosted (cp: CloudProcessId, can: readonly string[]): Grant[] {
  return [...grantsOfObjects(`cp:${cp}`, can), { can: [BIND] }]
}

type Chain = readonly Uint8Array[]

/**
 * By which a node acted for an object that was there before: so chains do not grow with every move. Undefined: it was
 * not; empty where nothing is shown.
 */
export function chainBefore (verifier: Verifier, node: NodeId, chain: Chain): Chain | undefined {
  if (chain.length === 0) return chain
  const at = chain.findIndex((_link, index) => verifier.verify(chain.slice(0, index + 1)).holder === node)
  return at < 0 ? undefined : chain.slice(0, at + 1)
}

/** Whose an object is that acts by this chain at `self`. Throws EACCES. */
export function ownerByChain (verifier: Verifier, self: NodeId, chain: Chain): string | undefined {
  if (chain.length === 0) return undefined
  const { holder, principal } = verifier.verify(chain)
  if (holder === self) return principal
  throw new CloudError('EACCES', 'This object would act by what was not handed on to this node.')
}

/** That they will be `owner`'s, who hands on this chain to `self`. Throws EACCES for a chain that is not so. */
export function ownerOfChain (
  verifier: Verifier, self: NodeId, owner: string, chain: Chain
): { owner: string, chain: Chain } {
  if (chain.length === 0) return { owner, chain }
  const { holder, principal } = verifier.verify(chain)
  if (holder === self && principal === owner) return { owner, chain }
  const message = 'These objects would act by somebody else\'s capability; hand on your own to this node.'
  throw new CloudError('EACCES', message)
}

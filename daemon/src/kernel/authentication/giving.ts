import { TABLE } from '@welkin/abi'
import { includes, ROLES, type Grant } from '@welkin/capability'
import { CloudError, didYouMean } from '@welkin/interface'
import type { Caller } from '../../dispatch/index.ts'
import { Factotum, type Giver } from './factotum.ts'

/** What is given, in short or in full. */
export interface Given { role?: keyof typeof ROLES | undefined, grants?: readonly Grant[] | undefined }

/** Who signs for the caller here. Throws EACCES where the caller's key is elsewhere. */
export function signerOf (factotum: Factotum, caller: Caller, what: string): Giver {
  return caller.kind === 'owner' ? factotum.owner : Factotum.refuse(what)
}

/** Throws EINVAL where it is not said what is given. */
export function grantsOf ({ role, grants }: Given, usual?: keyof typeof ROLES): readonly Grant[] {
  if (role !== undefined && grants !== undefined) {
    throw new CloudError('EINVAL', 'Give a role or grants, not both.')
  }
  const meant = role ?? usual
  if (grants !== undefined) {
    for (const pattern of grants.flatMap(({ can }) => can)) checkKnown(pattern)
    return grants
  }
  if (meant !== undefined) return ROLES[meant]
  throw new CloudError('EINVAL', `Say what is granted: a role (${Object.keys(ROLES).join(', ')}), or grants.`)
}

/** What rows ask for, and what is looked at beside them. */
const CAPABILITIES = [
  ...new Set(Object.values(TABLE).map(({ capability }) => capability)), 'access.audit', 'access.revoke'
]

/** What permits nothing was mistyped. Throws EINVAL. */
function checkKnown (pattern: string): void {
  if (CAPABILITIES.some(name => includes(pattern, name))) return
  const near = didYouMean(pattern, CAPABILITIES)
  const message = `There is no capability ${pattern}.${near} docs/syscalls.md says what each call needs.`
  throw new CloudError('EINVAL', message)
}

import { ROLES, type Grant } from '@welkin/capability'
import { CloudError } from '@welkin/interface'
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
  if (grants !== undefined) return grants
  if (meant !== undefined) return ROLES[meant]
  throw new CloudError('EINVAL', `Say what is granted: a role (${Object.keys(ROLES).join(', ')}), or grants.`)
}

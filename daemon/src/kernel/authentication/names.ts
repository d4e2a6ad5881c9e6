import { includes, type Delegation, type Verifier } from '@welkin/capability'
import { CloudError, domainsOf, RESERVED_DOMAINS, type NodeId } from '@welkin/interface'
import { nameResource } from '../../dispatch/index.ts'

/** What it takes to say what a name stands for. */
export const BIND = 'names.bind'

/** What a user is given of the cloud's names: a domain of its own. */
export function domainGrant (user: string, cloud: string): { can: string[], on: string[] } {
  return { can: [BIND], on: [`domain:${user}.${cloud}`] }
}

/** Throws EINVAL where a user's domain would be taken for something else. */
export function checkDomainFree (user: string): void {
  if (!RESERVED_DOMAINS.some(label => label === user)) return
  throw new CloudError('EINVAL', `Nobody can be called ${user}: names of the cloud's own end so. Take another name.`)
}

/**
 * Who binds `name` by a chain that ends at `signer`, and until when: no name outlives what permits it. Throws EACCES,
 * EPROTO. A grant for some zone alone gives no names, since these are everywhere.
 */
export function binderBy (
  verifier: Verifier, { signer, chain, name }: { signer: NodeId, chain: readonly Uint8Array[], name: string }
): { principal: string, untilMs: number } {
  const authority = verifier.verify(chain)
  if (authority.holder !== signer) throw new CloudError('EACCES', 'This name was bound by somebody else\'s capability.')
  const zone = domainsOf(name).at(-1) as string
  const refusal = authority.refusal({ can: BIND, resource: nameResource(name), node: signer, zone })
  if (refusal === undefined) return { principal: authority.principal, untilMs: authority.expiresMs }
  throw new CloudError('EACCES', `The name ${name} may not be bound: ${refusal}.`, { fields: { name } })
}

/** The domain that these links are the nearest to give by name. */
export function homeBy (links: readonly Delegation[]): string | undefined {
  for (const { grants } of links.toReversed()) {
    for (const { can, on = [] } of grants) {
      const domain = on.find(resource => resource.startsWith('domain:'))
      if (domain !== undefined && can.some(pattern => includes(pattern, BIND))) return domain.slice('domain:'.length)
    }
  }
  return undefined
}

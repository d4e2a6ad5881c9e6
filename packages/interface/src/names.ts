import { CloudError } from './errors.ts'
import { DNS_LABEL } from './ids.ts'

/** What every name may end in, so that other systems' names are never taken for ours. */
export const TOP_DOMAIN = 'welkin'

/** Labels just below the cloud that stand for what has a name of its own: nobody else is called so. */
export const RESERVED_DOMAINS = ['node', 'zone', 'object'] as const

const NAME_LENGTH_MAX = 253

/**
 * A name as all write it: lower case, without `.welkin` and the dot at the end. Throws EINVAL for what is none: names
 * are DNS labels joined by dots, at most 253 characters, the least part first, e.g. `web.alice.acme`.
 */
export function canonicalName (text: string): string {
  const name = text.toLowerCase().replace(/\.$/, '').replace(/\.welkin$/, '')
  if (name.length <= NAME_LENGTH_MAX && name.split('.').every(label => DNS_LABEL.test(label))) return name
  const message = `${JSON.stringify(text.slice(0, 80))} is no name; use letters, digits and hyphens, joined by dots: ` +
    'web.alice.acme.'
  throw new CloudError('EINVAL', message)
}

/** The name and every domain that it is in, the name first: `web.alice.acme`, `alice.acme`, `acme`. */
export function domainsOf (name: string): string[] {
  const labels = name.split('.')
  return labels.map((_, at) => labels.slice(at).join('.'))
}

/** Whether `name` is `domain` or in it. */
export function isInDomain (name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`)
}

import { CloudError, type Keys } from '@welkin/interface'
import { armour, unarmour } from './armour.ts'

const PREFIX = 'welkin1'
export const SECRET_BYTES = 16

/** What lets a machine become a node: where to ask, and a secret that shows that it was invited. */
export interface Ticket {
  /** Addresses of the node that has invited; they name its key, so that nobody else is told the secret. */
  addresses: readonly string[]
  /** 16 bytes. */
  secret: Uint8Array
}

/** As text to be pasted, of some 160 characters; what the addresses end with stands there once. */
export function formatTicket ({ addresses, secret }: Ticket, keys: Pick<Keys, 'digest'>): string {
  const [peer = ''] = /\/p2p\/\w+$/.exec(addresses[0] ?? '') ?? []
  const shared = addresses.every(address => address.endsWith(peer)) ? peer : ''
  const own = addresses.map(address => address.slice(0, address.length - shared.length))
  return armour(PREFIX, [secret, shared, ...own], keys)
}

/** Throws EINVAL for what is no ticket. */
export function parseTicket (text: string, keys: Pick<Keys, 'digest'>): Ticket {
  const [secret, shared, ...addresses] = unarmour(PREFIX, text, keys, 'ticket')
  if (secret instanceof Uint8Array && secret.byteLength === SECRET_BYTES && typeof shared === 'string' &&
    addresses.length > 0 && addresses.every(address => typeof address === 'string')) {
    return { secret: new Uint8Array(secret), addresses: addresses.map(address => `${address}${shared}`) }
  }
  throw new CloudError('EINVAL', 'This ticket is of another version; ask for one by "welkin invite" of this version.')
}

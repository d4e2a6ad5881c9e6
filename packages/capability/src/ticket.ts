import { decode, encode } from '@welkin/abi'
import { CloudError, isCloudError, type Keys } from '@welkin/interface'
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

/** As text to be pasted, of some 130 characters. */
export function formatTicket ({ addresses, secret }: Ticket, keys: Pick<Keys, 'digest'>): string {
  return armour(PREFIX, encode([secret, ...addresses]), keys)
}

/** Throws EINVAL for what is no ticket. */
export function parseTicket (text: string, keys: Pick<Keys, 'digest'>): Ticket {
  const body = read(unarmour(PREFIX, text, keys, 'ticket'))
  const [secret, ...addresses] = Array.isArray(body) ? body as unknown[] : []
  if (secret instanceof Uint8Array && secret.byteLength === SECRET_BYTES && addresses.length > 0 &&
    addresses.every(address => typeof address === 'string')) {
    return { secret: new Uint8Array(secret), addresses: addresses as string[] }
  }
  throw new CloudError('EINVAL', 'This ticket is of another version; ask for one by "welkin invite" of this version.')
}

function read (bytes: Uint8Array): unknown {
  try {
    return decode(bytes)
  } catch (error) {
    if (!isCloudError(error)) throw error
    return undefined
  }
}

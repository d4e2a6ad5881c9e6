import { CloudError, type Keys } from '@welkin/interface'
import { armour, unarmour } from './armour.ts'

const PREFIX = 'welkincap1'
const SEED_BYTES = 32

/** A capability for whoever has it: a chain, and the key at its end. */
export interface Bearer {
  chain: readonly Uint8Array[]
  /** The secret of the last link's audience, 32 bytes. */
  seed: Uint8Array
}

/** As text, for `Authorization: Bearer`. */
export function formatBearer ({ chain, seed }: Bearer, keys: Pick<Keys, 'digest'>): string {
  return armour(PREFIX, [seed, ...chain], keys)
}

export function isBearer (text: string): boolean {
  return text.trim().startsWith(PREFIX)
}

/** Throws EINVAL for what is none. */
export function parseBearer (text: string, keys: Pick<Keys, 'digest'>): Bearer {
  const [seed, ...chain] = unarmour(PREFIX, text, keys, 'capability')
  if (seed instanceof Uint8Array && seed.byteLength === SEED_BYTES && chain.length > 0 &&
    chain.every(link => link instanceof Uint8Array)) {
    return { seed: new Uint8Array(seed), chain: (chain as Uint8Array[]).map(link => new Uint8Array(link)) }
  }
  throw new CloudError('EINVAL', 'This capability is of another version; "welkin grant" of this one makes another.')
}

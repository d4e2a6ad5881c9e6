import { decode, isSealedBy, seal, SIGNATURE_BYTES } from '@welkin/abi'
import { CloudError, DNS_LABEL, toHex, type Keys, type NodeId, type SigningKey } from '@welkin/interface'

const SIZE_BYTES_MAX = 64 * 1024
/** The kind on the wire; it also keeps these signatures from being taken for any other of the same key. */
const KIND = 'wku1'

/** What a holder keeps of a user, which the user has signed; worth nothing without the holder's own secret. */
export interface UserRecord {
  readonly name: string
  /** The user, by its key. */
  readonly key: NodeId
  /** By which the user may do what it may; empty: it is the root. */
  readonly chain: readonly Uint8Array[]
  /** The record of the password. */
  readonly password: string
  /** The seed of the key, locked by what the password gives. */
  readonly sealed: Uint8Array
  /** When the password was set; wall clock. A later one takes its place. */
  readonly sinceMs: number
  /** The SHA-256 of the holder's own secret, in hexadecimal: nobody copies the record with another. */
  readonly setupDigest: string
  /** As it is passed on: the signature, then what is signed. */
  readonly wire: Uint8Array
}

/** Signed by the user. */
export function signUserRecord (record: Omit<UserRecord, 'wire' | 'key'>, signer: SigningKey): UserRecord {
  const { name, chain, password, sealed, sinceMs, setupDigest } = record
  const wire = seal([KIND, name, signer.self, chain, password, sealed, sinceMs, setupDigest], signer)
  return { ...record, key: signer.self, wire }
}

/** What stands in it, if the user has signed it; whether the chain holds is for others to judge. Throws EPROTO. */
export function openUserRecord (wire: Uint8Array, keys: Pick<Keys, 'verify'>): UserRecord {
  if (wire.byteLength <= SIGNATURE_BYTES || wire.byteLength > SIZE_BYTES_MAX) throw refused('its size is wrong')
  const body = decode(wire.subarray(SIGNATURE_BYTES))
  if (!Array.isArray(body) || body.length !== 8 || body[0] !== KIND) throw refused('it is of another kind')
  const [, name, key, chain, password, sealed, sinceMs, setupDigest] = body as unknown[]
  if (typeof name !== 'string' || !DNS_LABEL.test(name)) throw refused('its name is none')
  if (typeof key !== 'string' || typeof password !== 'string') throw refused('it does not say whose it is')
  if (!Array.isArray(chain) || !chain.every(link => link instanceof Uint8Array)) throw refused('its chain is none')
  if (!(sealed instanceof Uint8Array)) throw refused('nothing is locked in it')
  if (typeof sinceMs !== 'number' || !Number.isFinite(sinceMs)) throw refused('its beginning is no time')
  if (typeof setupDigest !== 'string') throw refused('it does not say for which holder it is')
  if (!isSealedBy(key, wire, keys)) throw refused('its signature is wrong')
  return {
    name, key, chain: chain.map(link => new Uint8Array(link)), password, sealed: new Uint8Array(sealed), sinceMs,
    setupDigest, wire: new Uint8Array(wire)
  }
}

/** By which a record names the secret of its holder. */
export function digestOfSetup (setup: string, keys: Pick<Keys, 'digest'>): string {
  return toHex(keys.digest().update(new TextEncoder().encode(setup)).done())
}

function refused (why: string): CloudError {
  return new CloudError('EPROTO', `A user's record was refused: ${why}.`)
}

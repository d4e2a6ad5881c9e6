import { decode, encode } from '@welkin/abi'
import { CloudError, DNS_LABEL, type Keys, type NodeId, type SigningKey } from '@welkin/interface'

const SIGNATURE_BYTES = 64
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
  /** As it is passed on: the signature, then what is signed. */
  readonly wire: Uint8Array
}

/** Signed by the user. */
export function signUserRecord (record: Omit<UserRecord, 'wire' | 'key'>, signer: SigningKey): UserRecord {
  const { name, chain, password, sealed, sinceMs } = record
  const body = encode([KIND, name, signer.self, chain, password, sealed, sinceMs])
  const wire = new Uint8Array(SIGNATURE_BYTES + body.byteLength)
  wire.set(signer.sign(body))
  wire.set(body, SIGNATURE_BYTES)
  return { ...record, key: signer.self, wire }
}

/** What stands in it, if the user has signed it; whether the chain holds is for others to judge. Throws EPROTO. */
export function openUserRecord (wire: Uint8Array, keys: Pick<Keys, 'verify'>): UserRecord {
  if (wire.byteLength <= SIGNATURE_BYTES || wire.byteLength > SIZE_BYTES_MAX) throw refused('its size is wrong')
  const signed = wire.subarray(SIGNATURE_BYTES)
  const body = decode(signed)
  if (!Array.isArray(body) || body.length !== 7 || body[0] !== KIND) throw refused('it is of another kind')
  const [, name, key, chain, password, sealed, sinceMs] = body as unknown[]
  if (typeof name !== 'string' || !DNS_LABEL.test(name)) throw refused('its name is none')
  if (typeof key !== 'string' || typeof password !== 'string') throw refused('it does not say whose it is')
  if (!Array.isArray(chain) || !chain.every(link => link instanceof Uint8Array)) throw refused('its chain is none')
  if (!(sealed instanceof Uint8Array)) throw refused('nothing is locked in it')
  if (typeof sinceMs !== 'number' || !Number.isFinite(sinceMs)) throw refused('its beginning is no time')
  if (!keys.verify(key, signed, wire.subarray(0, SIGNATURE_BYTES))) throw refused('its signature is wrong')
  return {
    name, key, chain: chain.map(link => new Uint8Array(link)), password, sealed: new Uint8Array(sealed), sinceMs,
    wire: new Uint8Array(wire)
  }
}

function refused (why: string): CloudError {
  return new CloudError('EPROTO', `A user's record was refused: ${why}.`)
}

import { decode, isSealedBy, seal, SIGNATURE_BYTES } from '@welkin/abi'
import { CloudError, type Keys, type NodeId, type SigningKey } from '@welkin/interface'

const SIZE_BYTES_MAX = 32 * 1024
const KIND = 'wkr1'

/** Somebody takes back a delegation, or all that a principal has and has handed over. */
export interface Revocation {
  /** The CID of a delegation, or a principal. */
  readonly target: string
  readonly issuer: NodeId
  /** When what it is about ends by itself, and this can be forgotten; wall clock. */
  readonly expiresMs: number
  /** Why the issuer may say so; empty: as the issuer of what is taken back, or as a root. */
  readonly chain: readonly Uint8Array[]
  /** As it is passed on: the signature, then what is signed. */
  readonly wire: Uint8Array
}

export function sealRevocation (
  { target, expiresMs, chain = [] }: Pick<Revocation, 'target' | 'expiresMs'> & Partial<Pick<Revocation, 'chain'>>,
  signer: SigningKey
): Revocation {
  const wire = seal([KIND, signer.self, target, expiresMs, chain], signer)
  return { target, issuer: signer.self, expiresMs, chain, wire }
}

/** What it says, if its issuer has said so; whether the issuer may is for others to judge. Throws EPROTO. */
export function openRevocation (wire: Uint8Array, keys: Pick<Keys, 'verify'>): Revocation {
  if (wire.byteLength <= SIGNATURE_BYTES || wire.byteLength > SIZE_BYTES_MAX) throw refused('its size is wrong')
  const body = decode(wire.subarray(SIGNATURE_BYTES))
  if (!Array.isArray(body) || body.length !== 5 || body[0] !== KIND) throw refused('it is of another kind')
  const [, issuer, target, expiresMs, chain] = body as unknown[]
  if (typeof issuer !== 'string' || typeof target !== 'string' || !/^[a-zA-Z0-9-]{1,64}$/.test(target)) {
    throw refused('it does not say who takes back what')
  }
  if (typeof expiresMs !== 'number' || !Number.isFinite(expiresMs)) throw refused('its end is no time')
  if (!Array.isArray(chain) || !chain.every(link => link instanceof Uint8Array)) throw refused('its chain is none')
  if (!isSealedBy(issuer, wire, keys)) throw refused('its signature is wrong')
  return { target, issuer, expiresMs, chain: chain.map(link => new Uint8Array(link)), wire: new Uint8Array(wire) }
}

function refused (why: string): CloudError {
  return new CloudError('EPROTO', `A revocation was refused: ${why}.`)
}

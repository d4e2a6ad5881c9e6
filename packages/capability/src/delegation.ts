import { decode, isSealedBy, seal, SIGNATURE_BYTES } from '@welkin/abi'
import { CloudError, isCloudError, type Keys, type NodeId, type SigningKey } from '@welkin/interface'
import { checkGrants, type Grant } from './grant.ts'

const CID_BYTES = 32
const NONCE_BYTES = 8
/** Of one delegation, signature and all. */
const SIZE_BYTES_MAX = 16 * 1024
/** The kind on the wire; it also keeps these signatures from being taken for any other of the same key. */
const KIND = 'wkd1'

/** What one key says that another may do. */
export interface DelegationTerms {
  /** Who is permitted, by its key. */
  audience: NodeId
  grants: readonly Grant[]
  /** The audience acts for the issuer, and what it makes is the issuer's; else it acts for itself. */
  proxy?: boolean
  /** Wall clock. */
  notBeforeMs?: number | undefined
  expiresMs: number
}

/** A link of a chain; whoever presents it shows all links above it. */
export interface Delegation extends Required<Pick<DelegationTerms, 'audience' | 'grants' | 'proxy' | 'expiresMs'>> {
  readonly issuer: NodeId
  readonly notBeforeMs: number | undefined
  /** The CID of the delegation by which the issuer has what it hands over; undefined: by being a root. */
  readonly parent: string | undefined
  /** The SHA-256 of `wire`, in hexadecimal: its name, also for revocations. */
  readonly cid: string
  /** As it is passed on: the signature, then what is signed. */
  readonly wire: Uint8Array
}

/** Hands over, as `signer`, by what `parent` gives it (undefined: it is a root). `nonce` has 8 bytes. Throws EINVAL. */
export function sealDelegation (
  terms: DelegationTerms, { signer, parent, nonce }: {
    signer: SigningKey, parent: Uint8Array | undefined, nonce: Uint8Array
  }, keys: Pick<Keys, 'digest'>
): Uint8Array {
  const { audience, grants, proxy = false, notBeforeMs = null, expiresMs } = terms
  const above = parent === undefined ? null : keys.digest().update(parent).done()
  const plain = checkGrants(grants).map(grant => Object.fromEntries(
    Object.entries(grant).filter(([, value]) => value !== undefined)))
  const wire = seal([KIND, signer.self, audience, proxy, plain, notBeforeMs, expiresMs, above, nonce], signer)
  if (wire.byteLength <= SIZE_BYTES_MAX) return wire
  throw new CloudError('EINVAL', `A delegation of ${wire.byteLength} bytes is too large; grant less in one.`)
}

/** What stands in it, its signature not yet checked. Throws EPROTO for what is not well formed. */
export function openDelegation (wire: Uint8Array, cid: string): Delegation {
  if (wire.byteLength <= SIGNATURE_BYTES || wire.byteLength > SIZE_BYTES_MAX) throw refused('its size is wrong')
  const body = decode(wire.subarray(SIGNATURE_BYTES))
  if (!Array.isArray(body) || body.length !== 9 || body[0] !== KIND) throw refused('it is of another kind')
  const [, issuer, audience, proxy, grants, notBeforeMs, expiresMs, parent, nonce] = body as unknown[]
  if (!isPrincipal(issuer) || !isPrincipal(audience)) throw refused('it does not say from whom to whom')
  if (typeof proxy !== 'boolean') throw refused('it does not say for whom its audience acts')
  if (notBeforeMs !== null && !isTime(notBeforeMs)) throw refused('its beginning is no time')
  if (!isTime(expiresMs)) throw refused('its end is no time')
  if (parent !== null && !isBytes(parent, CID_BYTES)) throw refused('what it follows from is no digest')
  if (!isBytes(nonce, NONCE_BYTES)) throw refused('its nonce is wrong')
  return {
    issuer, audience, proxy, grants: grantsOf(grants), notBeforeMs: notBeforeMs ?? undefined, expiresMs,
    parent: parent === null ? undefined : hexOf(parent), cid, wire
  }
}

/** Whether its issuer has said this. */
export function isSigned ({ issuer, wire }: Delegation, keys: Pick<Keys, 'verify'>): boolean {
  return isSealedBy(issuer, wire, keys)
}

/** The name of what stands on the wire: its SHA-256, in hexadecimal. */
export function cidOf (wire: Uint8Array, keys: Pick<Keys, 'digest'>): string {
  return hexOf(keys.digest().update(wire).done())
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function hexOf (bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += HEX[byte] as string
  return hex
}

function grantsOf (given: unknown): readonly Grant[] {
  try {
    return checkGrants(given)
  } catch (error) {
    if (!isCloudError(error)) throw error
    throw refused('its grants cannot be')
  }
}

function isPrincipal (value: unknown): value is NodeId {
  return typeof value === 'string' && /^[a-zA-Z0-9-]{1,64}$/.test(value)
}

function isTime (value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isBytes (value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.byteLength === length
}

function refused (why: string): CloudError {
  return new CloudError('EPROTO', `A delegation was refused: ${why}.`)
}

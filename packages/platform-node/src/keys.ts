import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { putBounded } from '@welkin/async'
import type { Digest, Keys, NodeId, SigningKey } from '@welkin/interface'
import { nodeIdOf, publicKeyOf } from './node-id.ts'

export const SEED_BYTES = 32
const SIGNATURE_BYTES = 64

/** What stands before the seed in the PKCS #8 form of an Ed25519 key (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Keys of other nodes are kept, since making one costs as much as using it. */
const KNOWN_SIGNERS_MAX = 4096

/** The Ed25519 keys that follow from a secret of 32 bytes. */
export function createNodeKeys (seed: Uint8Array): Keys {
  const signers = new Map<NodeId, KeyObject>()
  return {
    ...signingKeyOf(seed),
    fromSeed: signingKeyOf,
    verify: (signer, message, signature) => {
      const key = keyOf(signer, signers)
      return key !== undefined && signature.byteLength === SIGNATURE_BYTES && verify(null, message, key, signature)
    },
    digest: createDigest
  }
}

function signingKeyOf (seed: Uint8Array): SigningKey {
  if (seed.byteLength !== SEED_BYTES) throw new RangeError(`A seed has ${SEED_BYTES} bytes, not ${seed.byteLength}.`)
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' })
  return { self: nodeIdOf(Buffer.from(x, 'base64url')), sign: message => sign(null, message, privateKey) }
}

function keyOf (signer: NodeId, signers: Map<NodeId, KeyObject>): KeyObject | undefined {
  const known = signers.get(signer)
  if (known !== undefined) return known
  const bytes = publicKeyOf(signer)
  if (bytes === undefined) return undefined
  const x = Buffer.from(bytes).toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  putBounded(signers, signer, key, KNOWN_SIGNERS_MAX)
  return key
}

function createDigest (): Digest {
  const hash = createHash('sha256')
  return {
    update (bytes) {
      hash.update(bytes)
      return this
    },
    done: () => hash.digest()
  }
}

import { createHash, createHmac } from 'node:crypto'
import type { Digest, Keys, NodeId, Random } from '@welkin/interface'

/**
 * Stands in for public keys, at a tenth of their cost: signatures are HMACs under secrets that only this object holds.
 * A node signs as itself alone, through its Keys, so no signature can be forged in the simulation.
 */
export class KeyAuthority {
  readonly #master: Uint8Array
  readonly #secrets = new Map<NodeId, Buffer>()

  constructor (random: Random) {
    this.#master = random.bytes(32)
  }

  /** The Keys of the node `self`. Whoever holds them is that node. */
  keysOf (self: NodeId): Keys {
    const secret = createHmac('sha256', this.#master).update(self).digest()
    this.#secrets.set(self, secret)
    return {
      self,
      sign: message => signatureOf(secret, message),
      verify: (signer, message, signature) => this.#verify(signer, message, signature),
      digest: createDigest
    }
  }

  #verify (signer: NodeId, message: Uint8Array, signature: Uint8Array): boolean {
    const secret = this.#secrets.get(signer)
    return secret !== undefined && Buffer.compare(signatureOf(secret, message), signature) === 0
  }
}

/** 64 bytes. */
function signatureOf (secret: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac('sha512', secret).update(message).digest())
}

/** SHA-256 is the real one, since blobs are named by it. */
function createDigest (): Digest {
  const hash = createHash('sha256')
  return {
    update (bytes) {
      hash.update(bytes)
      return this
    },
    done: () => new Uint8Array(hash.digest())
  }
}

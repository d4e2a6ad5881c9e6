import type { NodeId } from '../ids.ts'

/** A running SHA-256. */
export interface Digest {
  update (bytes: Uint8Array): this
  /** 32 bytes; afterwards the digest is used up. */
  done (): Uint8Array
}

/** A key that can sign. */
export interface SigningKey {
  /** Its public half, by which it is known. */
  readonly self: NodeId
  /** 64 bytes. */
  sign (message: Uint8Array): Uint8Array
}

/** The node's own key, and what can be checked of others'. All synchronous: a thread pool would break replay. */
export interface Keys extends SigningKey {
  /** The key that follows from a secret of 32 bytes, always the same. */
  fromSeed (seed: Uint8Array): SigningKey
  /** False for a wrong signature and for whatever is not well formed; never throws. */
  verify (signer: NodeId, message: Uint8Array, signature: Uint8Array): boolean
  /** A new SHA-256. */
  digest (): Digest
}

import type { NodeId } from '../ids.ts'

/** A running SHA-256. */
export interface Digest {
  update (bytes: Uint8Array): this
  /** 32 bytes; afterwards the digest is used up. */
  done (): Uint8Array
}

/** The node's own key, and what can be checked of others'. All synchronous: a thread pool would break replay. */
export interface Keys {
  /** The node this key belongs to. */
  readonly self: NodeId
  /** 64 bytes. */
  sign (message: Uint8Array): Uint8Array
  /** False for a wrong signature and for whatever is not well formed; never throws. */
  verify (signer: NodeId, message: Uint8Array, signature: Uint8Array): boolean
  /** A new SHA-256. */
  digest (): Digest
}

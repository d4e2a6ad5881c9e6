import { ROLES, sealDelegation, type Grant } from '@welkin/capability'
import type { Keys, NodeId, Random, SigningKey } from '@welkin/interface'

/** Certificates of virtual clouds outlast any run. */
const FOREVER_MS = 1e15

/** The root of a guarded cloud, which knows all its nodes from the first. */
export class Root {
  readonly key: SigningKey
  readonly #keys: Keys
  readonly #random: Random

  constructor (keys: Keys, random: Random) {
    this.#keys = keys
    this.#random = random
    this.key = keys.fromSeed(random.bytes(32))
  }

  /** A chain of one link: what the root gives to `audience`. By default it is a node through which all can be done. */
  give (
    audience: NodeId, grants: readonly Grant[] = ROLES.admin, expiresMs = FOREVER_MS
  ): readonly Uint8Array[] {
    const terms = { audience, grants, expiresMs }
    return [sealDelegation(terms, { signer: this.key, parent: undefined, nonce: this.#random.bytes(8) }, this.#keys)]
  }
}

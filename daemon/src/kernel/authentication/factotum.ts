import { sealDelegation, type DelegationTerms } from '@welkin/capability'
import {
  CloudError, type Cancel, type Clock, type Keys, type NodeId, type Random, type SigningKey
} from '@welkin/interface'
import { LEAVE, MEMBERSHIP } from './identity.ts'

/** A proxy of a user lasts so long, and is made anew when half of that has passed. */
const PROXY_MS = 3_600_000

/** Somebody whose key is unlocked here. */
export interface Session {
  readonly name: string
  readonly key: SigningKey
  /** Ends at the key. */
  readonly chain: readonly Uint8Array[]
  /** When the key is forgotten; wall clock. */
  readonly untilMs: number
}

/** Who signs, and by what it has what it gives. */
export interface Giver { key: SigningKey, chain: readonly Uint8Array[] }

export interface FactotumPorts { clock: Clock, keys: Keys, random: Random }

/**
 * Holds the keys of this node and of the user who has logged in here, and signs for programs that never see them. What
 * is done through the daemon's own socket is done in the user's name, or else in the node's.
 */
export class Factotum {
  readonly #ports: FactotumPorts
  readonly #random: Random
  readonly #certificate: readonly Uint8Array[]
  #session: Session | undefined
  #forget: Cancel = () => {}
  #proxy: { chain: readonly Uint8Array[], renewMs: number } | undefined

  constructor (ports: FactotumPorts, certificate: readonly Uint8Array[]) {
    this.#ports = ports
    this.#random = ports.random.fork('factotum')
    this.#certificate = certificate
  }

  /** The user, if one has logged in. */
  get session (): Session | undefined {
    return this.#session
  }

  /** The node by itself. */
  get node (): Giver {
    return { key: this.#ports.keys, chain: this.#certificate }
  }

  /** Whose word is given here. */
  get owner (): Giver {
    return this.#session ?? this.node
  }

  /** The key is used for a time, and then forgotten. */
  unlock (session: Session): void {
    const { clock } = this.#ports
    this.lock()
    this.#session = session
    this.#forget = clock.after(Math.min(session.untilMs - clock.wallMs(), 2 ** 31 - 1), () => this.lock())
  }

  lock (): void {
    this.#forget()
    this.#session = undefined
    this.#proxy = undefined
  }

  /** By which this node asks others for its owner; ends at the node's own key. */
  ownChain (): readonly Uint8Array[] {
    const session = this.#session
    if (session === undefined) return this.#certificate
    const nowMs = this.#ports.clock.wallMs()
    if (this.#proxy === undefined || nowMs >= this.#proxy.renewMs) {
      const { self: audience } = this.#ports.keys
      const terms = { audience, grants: [{ can: ['*'] }], proxy: true, expiresMs: nowMs + PROXY_MS }
      this.#proxy = { chain: this.extend(session, terms), renewMs: nowMs + PROXY_MS / 2 }
    }
    return this.#proxy.chain
  }

  /** A chain with one link more. Throws EINVAL for terms that cannot be. */
  extend (
    { key, chain }: Giver, terms: DelegationTerms, nonce = this.#random.bytes(8)
  ): readonly Uint8Array[] {
    const link = sealDelegation(terms, { signer: key, parent: chain.at(-1), nonce }, this.#ports.keys)
    return [...chain, link]
  }

  /** A certificate for a node; with the same nonce, the same. */
  certify (node: NodeId, by: Giver, { zone, grants, expiresMs, nonce }: {
    zone: string | undefined, grants: DelegationTerms['grants'], expiresMs: number, nonce: Uint8Array
  }): readonly Uint8Array[] {
    // Whatever else its owner may do, nobody is to forbid that it be taken out of the cloud.
    const all = [{ can: [MEMBERSHIP], zone }, { can: [LEAVE], nodes: [node] }, ...grants]
    return this.extend(by, { audience: node, grants: all, expiresMs }, nonce)
  }

  /** Throws EACCES when nobody's word can be given at this node by `what`. */
  static refuse (what: string): never {
    const message = `${what} takes the key of whoever asks, and it is not at this node; ask where you are logged in.`
    throw new CloudError('EACCES', message)
  }
}

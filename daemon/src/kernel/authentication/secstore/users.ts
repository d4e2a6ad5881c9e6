import { mapConcurrently } from '@welkin/async'
import type { Clock, CloudError, Keys, Membership, NodeId, Passwords, Random } from '@welkin/interface'
import type { Calls } from '../../../dispatch/index.ts'
import { nameTaken, silence } from './errors.ts'
import { HOLDERS, inOrderFor } from './holders.ts'
import { noting, STEP_TIMEOUT_MS, type User } from './open-user.ts'
import { signUserRecord, type UserRecord } from './user-record.ts'

const NONCE_BYTES = 12

export interface UsersPorts {
  calls: Calls
  clock: Clock
  keys: Keys
  membership: Membership
  passwords: Passwords
  random: Random
}

/** Has users kept by their holders. Passwords and keys do not leave this node. */
export class Users {
  readonly #ports: UsersPorts

  constructor (ports: UsersPorts) {
    this.#ports = ports
  }

  /**
   * Puts the user's key under a password at all holders that can be reached; resolves with these nodes.
   * `before`: what it takes the place of; undefined: the name must be free. Rejects EEXIST, EHOSTDOWN, ENOSPC, EIO.
   */
  async keep (user: User, password: string, before: { sinceMs: number } | undefined): Promise<NodeId[]> {
    const { clock, keys, passwords, membership } = this.#ports
    const { nodes } = await membership.everyone()
    const holders = inOrderFor(user.name, nodes.filter(({ state }) => state === 'up'), keys).slice(0, HOLDERS)
    const sinceMs = Math.max(clock.wallMs(), (before?.sinceMs ?? 0) + 1)
    const failures: CloudError[] = []
    const begun = await mapConcurrently(holders, HOLDERS, async ({ id }) => await noting(failures, async () => {
      const { state, message } = await passwords.startRegistration(password)
      return { id, state, ...await this.#at(id).prepare({ user: user.name, message }, { timeoutMs: STEP_TIMEOUT_MS }) }
    }))
    const ready = begun.filter(one => one !== undefined)
    if (before === undefined && ready.some(({ taken }) => taken)) throw nameTaken(user.name)
    const kept: NodeId[] = []
    // One after the other: each takes this node's processor for a while.
    for (const { id, state, answer, setupDigest, ticket } of ready) {
      const done = await noting(failures, async () => {
        const { record, key } = await passwords.finishRegistration({ password, state, answer })
        const wire = this.#recordOf(user, { password: record, sinceMs, setupDigest }, key)
        await this.#at(id).hold({ record: wire, ticket }, { timeoutMs: STEP_TIMEOUT_MS })
        return id
      })
      if (done !== undefined) kept.push(done)
    }
    // Somebody else has taken the name meanwhile, at some holders at least.
    const conflict = failures.find(({ code }) => code === 'EEXIST')
    if (conflict === undefined && kept.length > 0) return kept
    throw conflict ?? failures[0] ?? silence(user.name, holders.map(node => node.name))
  }

  #recordOf (
    { name, seed, chain }: User, rest: Pick<UserRecord, 'password' | 'sinceMs' | 'setupDigest'>, key: Uint8Array
  ): Uint8Array {
    const { keys, passwords, random } = this.#ports
    const sealed = passwords.seal(key, random.bytes(NONCE_BYTES), seed)
    return signUserRecord({ name, chain, sealed, ...rest }, keys.fromSeed(seed)).wire
  }

  #at (node: NodeId) {
    return this.#ports.calls.at(node).secret
  }
}

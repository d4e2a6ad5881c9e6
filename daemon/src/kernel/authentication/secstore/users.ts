import { mapConcurrently } from '@welkin/async'
import {
  CloudError, isCloudError, type Clock, type Keys, type Membership, type NodeId, type NodeView, type Passwords,
  type Random
} from '@welkin/interface'
import type { Calls } from '../../../dispatch/index.ts'
import { nameTaken, wrongPassword } from './errors.ts'
import { HOLDERS, inOrderFor } from './holders.ts'
import { openUserRecord, signUserRecord, type UserRecord } from './user-record.ts'

const STEP_TIMEOUT_MS = 5000
/** Nodes that are asked beside those that should hold a record, since the cloud may have just changed. */
const OTHERS_ASKED = 3
const SEED_BYTES = 32
const NONCE_BYTES = 12

export interface UsersPorts {
  calls: Calls
  clock: Clock
  keys: Keys
  membership: Membership
  passwords: Passwords
  random: Random
}

/** Somebody with the secret of the key. */
export interface User { name: string, seed: Uint8Array, chain: readonly Uint8Array[] }

/** Asks the holders for users: what is to be kept, and what was. Passwords and keys do not leave this node. */
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
    throw conflict ?? failures[0] ?? silence(user.name, holders)
  }

  /**
   * Opens the user's key by asking one holder after the other. Rejects EACCES for a wrong name or password, EAGAIN
   * after too many, EHOSTDOWN where no holder answers.
   */
  async open (name: string, password: string): Promise<User & { sinceMs: number }> {
    const { keys, membership } = this.#ports
    const { nodes } = await membership.everyone()
    const all = inOrderFor(name, nodes, keys)
    const asked = all.slice(0, HOLDERS)
    const others = all.slice(HOLDERS).filter(({ state }) => state === 'up').slice(0, OTHERS_ASKED)
    const failures: CloudError[] = []
    let isRefused = false
    for (const { id } of [...asked.filter(({ state }) => state === 'up'), ...others]) {
      const opened = await noting(failures, async () => await this.#openAt(id, name, password))
      if (opened === 'wrong') isRefused = true
      else if (opened !== undefined) return opened
    }
    if (isRefused) throw wrongPassword()
    throw failures.find(({ code }) => code === 'EAGAIN') ?? silence(name, asked)
  }

  async #openAt (id: NodeId, name: string, password: string): Promise<User & { sinceMs: number } | 'wrong'> {
    const { keys, passwords } = this.#ports
    const patience = { timeoutMs: STEP_TIMEOUT_MS }
    const { state, message } = await passwords.startLogin(password)
    const { login, answer } = await this.#at(id).begin({ user: name, message }, patience)
    const done = await passwords.finishLogin({ password, state, answer })
    if (done === undefined) return 'wrong'
    const { record: wire } = await this.#at(id).open({ login, message: done.message }, patience)
    const record = openUserRecord(wire, keys)
    const seed = passwords.open(done.key, record.sealed)
    if (record.name === name && seed?.byteLength === SEED_BYTES && keys.fromSeed(seed).self === record.key) {
      return { name, seed, chain: record.chain, sinceMs: record.sinceMs }
    }
    throw new CloudError('EPROTO', `Node ${id} keeps another key than it should for ${name}.`)
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

/** What `work` gives; undefined where it failed by a fault of the world, which is put with the others. */
async function noting<T> (failures: CloudError[], work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!isCloudError(error)) throw error
    failures.push(error)
    return undefined
  }
}

function silence (name: string, holders: readonly NodeView[]): CloudError {
  const names = holders.map(node => node.name)
  return new CloudError('EHOSTDOWN', `None of the nodes that keep the key of ${name} answers: ${names.join(', ')}; ` +
    'start one of them.', { fields: { nodes: names } })
}


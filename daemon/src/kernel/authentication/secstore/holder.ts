import { mapConcurrently, repeat } from '@welkin/async'
import {
  CloudError, isCloudError, toHex, type Cancel, type Clock, type Keys, type Logger, type Membership, type NodeId,
  type Passwords, type Random
} from '@welkin/interface'
import type { CallContext, Caller, Calls } from '../../../dispatch/index.ts'
import { wrongPassword } from './errors.ts'
import { HOLDERS, inOrderFor } from './holders.ts'
import type { Held, Origin, Shelf } from './shelf.ts'
import { digestOfSetup, openUserRecord, type UserRecord } from './user-record.ts'
import { Waiting } from './waiting.ts'

/** Between two steps of a registration or a login. */
const STEP_MS = 60_000
const SPREAD_FIRST_MS = 20_000
const SPREAD_PERIOD_MS = 600_000
const SPREAD_TIMEOUT_MS = 10_000
const OFFERED_MAX = 1000
const COPIES_WIDTH = 4

export interface HolderPorts {
  calls: Calls
  clock: Clock
  keys: Keys
  log: Logger
  membership: Membership
  passwords: Passwords
  random: Random
  shelf: Shelf
  /** Throws EACCES where a record's key is no user of this cloud by its chain, made by somebody who may make users. */
  checkUser: (record: UserRecord) => void
}

/** Keeps for the cloud what opens users' keys, and gives it to whoever proves to have the password. */
export class Holder {
  readonly #ports: HolderPorts
  /** By ticket: the own secret of a registration that has begun. */
  readonly #registering: Waiting<{ user: string, setup: string }>
  /** By id: what a login that has begun must prove, and what it gets then. */
  readonly #logins: Waiting<{ user: string, from: Origin, state: string, held: Held | undefined }>

  constructor (ports: HolderPorts) {
    this.#ports = ports
    this.#registering = new Waiting(ports.clock, STEP_MS)
    this.#logins = new Waiting(ports.clock, STEP_MS)
  }

  start (): Cancel {
    const { calls, clock } = this.#ports
    const cancels = [
      calls.serve('secret.prepare', async args => await this.#prepare(args)),
      calls.serve('secret.hold', async args => await this.#hold(args)),
      calls.serve('secret.begin', async (args, context) => await this.#begin(args, originOf(context))),
      calls.serve('secret.open', async args => await this.#open(args)),
      calls.serve('secret.offer', async (args, { caller }) => await this.#compare(args, caller)),
      repeat(clock, SPREAD_PERIOD_MS, async () => { await this.spread() }, SPREAD_FIRST_MS)
    ]
    return () => { for (const cancel of cancels.splice(0)) cancel() }
  }

  /**
   * Sees to it that the nodes that should hold what this one holds do so, by copies of it, and lets go of what others
   * should hold as soon as they do.
   */
  async spread (): Promise<void> {
    const { keys, log, membership, shelf } = this.#ports
    try {
      await shelf.sweep()
      const held = await shelf.all()
      if (held.length === 0) return
      const up = (await membership.everyone()).nodes.filter(({ state }) => state === 'up')
      const wishes = held.map(one => ({ ...one, at: inOrderFor(one.record.name, up, keys).slice(0, HOLDERS) }))
      const failed = new Set<NodeId>()
      for (const { id } of up) {
        const theirs = wishes.filter(({ at }) => id !== keys.self && at.some(node => node.id === id))
        if (theirs.length > 0 && !await this.#offer(id, theirs.slice(0, OFFERED_MAX))) failed.add(id)
      }
      for (const { record: { name, sinceMs }, at } of wishes) {
        if (at.some(({ id }) => id === keys.self || failed.has(id))) continue
        await shelf.drop(name, sinceMs)
      }
    } catch (error) {
      if (!isCloudError(error)) throw error
      log.warn('authentication.users_not_spread', { code: error.code })
    }
  }

  async #prepare ({ user, message }: { user: string, message: string }) {
    const { keys, passwords, random, shelf } = this.#ports
    const setup = await passwords.createSetup()
    const answer = await passwords.answerRegistration({ setup, user, message })
    const ticket = toHex(random.bytes(16))
    this.#registering.put(ticket, { user, setup })
    const taken = await shelf.get(user) !== undefined
    return { ticket, answer, setupDigest: digestOfSetup(setup, keys), taken }
  }

  async #hold (
    { record: wire, ticket, setup }: { record: Uint8Array, ticket?: string | undefined, setup?: string | undefined }
  ) {
    const { checkUser, keys, shelf } = this.#ports
    const record = openUserRecord(wire, keys)
    checkUser(record)
    const prepared = ticket === undefined ? undefined : this.#registering.take(ticket)
    const own = prepared?.user === record.name ? prepared.setup : setup
    if (own === undefined) throw tooLate('registration')
    if (digestOfSetup(own, keys) !== record.setupDigest) {
      throw new CloudError('EACCES', 'This record belongs to another holder; copy it with that one\'s secret.')
    }
    await shelf.put({ record, setup: own })
    return {}
  }

  async #begin ({ user, message }: { user: string, message: string }, from: Origin) {
    const { passwords, random, shelf } = this.#ports
    const held = await shelf.get(user)
    if (held === undefined && !await this.#isExpectedToHold(user)) {
      throw new CloudError('ENOENT', 'This node keeps nothing of that user; ask another.')
    }
    await shelf.guess(user, from)
    const setup = held?.setup ?? await shelf.setup(async () => await passwords.createSetup())
    const { state, message: answer } = await passwords.answerLogin({
      setup, user, record: held?.record.password, message
    })
    const login = toHex(random.bytes(16))
    this.#logins.put(login, { user, from, state, held })
    return { login, answer }
  }

  async #open ({ login, message }: { login: string, message: string }) {
    const begun = this.#logins.take(login)
    if (begun === undefined) throw tooLate('login')
    const { user, from, state, held } = begun
    if (held === undefined || !await this.#ports.passwords.checkLogin({ state, message })) {
      throw wrongPassword()
    }
    await this.#ports.shelf.forgive(user, from)
    return { record: held.record.wire }
  }

  async #compare ({ users }: { users: ReadonlyArray<{ name: string, sinceMs: number }> }, caller: Caller) {
    const wanted: string[] = []
    const newer: Held[] = []
    for (const { name, sinceMs } of users) {
      const own = await this.#ports.shelf.get(name)
      if (own === undefined || own.record.sinceMs < sinceMs) wanted.push(name)
      else if (own.record.sinceMs > sinceMs) newer.push(own)
    }
    // The other was away when a password was set: the old one is to open nothing there any more.
    if (newer.length > 0 && caller.kind === 'node') void this.#offer(caller.id, newer)
    return { wanted }
  }

  /** Whether the node has now all of this that it should have. */
  async #offer (node: NodeId, held: readonly Held[]): Promise<boolean> {
    const { secret } = this.#ports.calls.at(node)
    const patience = { timeoutMs: SPREAD_TIMEOUT_MS }
    const users = held.map(({ record: { name, sinceMs } }) => ({ name, sinceMs }))
    const reply = await this.#unlessFault(node, async () => await secret.offer({ users }, patience))
    if (reply === undefined) return false
    const copies = held.filter(({ record: { name } }) => reply.wanted.includes(name))
    const taken = await mapConcurrently(copies, COPIES_WIDTH, async ({ record: { wire: record }, setup }) =>
      await this.#unlessFault(node, async () => await secret.hold({ record, setup }, patience)))
    return !taken.includes(undefined)
  }

  async #unlessFault<T> (node: NodeId, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      if (!isCloudError(error)) throw error
      this.#ports.log.debug('authentication.user_not_taken', { node, code: error.code })
      return undefined
    }
  }

  /** Whether others count on this node for that user: it then answers in any case, so that nobody learns who exists. */
  async #isExpectedToHold (user: string): Promise<boolean> {
    const { keys, membership } = this.#ports
    const { nodes } = await membership.everyone()
    return inOrderFor(user, nodes, keys).slice(0, HOLDERS).some(({ id }) => id === keys.self)
  }
}

/** A member asks by itself; what a stranger asks has come through more nodes than one. */
function originOf ({ caller, hops }: CallContext): Origin {
  return caller.kind === 'stranger' || hops > 1 ? 'outside' : 'inside'
}

function tooLate (what: string): CloudError {
  return new CloudError('EACCES', `This ${what} is not known here or took too long; begin again.`)
}

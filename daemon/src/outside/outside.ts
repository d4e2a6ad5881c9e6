import { pipeBothWays } from '@welkin/async'
import {
  checkArgs, decodeCall, encodeCall, encodeItem, rowOf, SYSCALL_PROTOCOL,
  type ArgsOf, type Call, type ReplyOf, type Row, type Syscalls
} from '@welkin/abi'
import {
  CloudError, toHex, type Cancel, type Channel, type Clock, type Handler, type Incoming, type Keys, type NodeId,
  type Passwords, type Random, type RequestOptions, type Transport
} from '@welkin/interface'
import { createSyscalls } from '@welkin/syscalls'
import {
  endOf, Factotum, grantsOfObjects, HANDED_ON_MS, OBJECTS_MS, openUser, type Session
} from '../kernel/authentication/index.ts'
import { Door } from './door.ts'

/** Until somebody logs in. */
const LOGIN_MS = 60_000
const WHOAMI_TIMEOUT_MS = 5000
/** For the reply to a logout to arrive. */
const LAST_WORD_MS = 100

type Arrival = Pick<Incoming, 'signal' | 'timeoutMs'>
type Server = (args: unknown, arrival: Arrival) => Promise<unknown>

export interface OutsidePorts {
  clock: Clock
  keys: Keys
  passwords: Passwords
  random: Random
  transport: Transport
}

/** Answers the user's own socket. */
export class Outside implements Handler<Arrival> {
  /** Resolves when the session is over, or none has begun in time. */
  readonly ended: Promise<void>
  readonly #ports: OutsidePorts
  readonly #random: Random
  readonly #door: Door
  readonly #factotum: Factotum
  readonly #cancels: Cancel[]
  /** What members were handed, by who and for what. */
  readonly #handed = new Map<string, { chain: readonly Uint8Array[], renewMs: number }>()
  /** Nothing else that a password or a secret is told to is answered outside, and nothing of it passed on. */
  readonly #own: Readonly<Record<string, Server>> = {
    login: async args => await this.#login(args as { name: string, password: string, forMs: number }),
    logout: async () => this.#logout(),
    whoami: async (_args, arrival) => await this.#whoami(arrival),
    keys: async () => this.#keys()
  }
  #end = (): void => {}
  #cancelEnd: Cancel = () => {}
  #cloud = ''

  /** `at`: addresses of members. */
  constructor (ports: OutsidePorts, at: readonly string[]) {
    this.#ports = ports
    this.#random = ports.random.fork('outside')
    this.#factotum = new Factotum(ports, [])
    this.#door = new Door(ports.transport, at)
    this.#cancels = [this.#door.open()]
    this.ended = new Promise(resolve => { this.#end = resolve })
    this.#endAfter(LOGIN_MS)
  }

  /** Resolves when a member answers. Rejects EHOSTUNREACH. */
  async start (): Promise<void> {
    await this.#door.member()
  }

  /** Forgets the key. */
  stop (): void {
    this.#cancelEnd()
    for (const cancel of this.#cancels.splice(0)) cancel()
    this.#factotum.lock()
  }

  async request (payload: Uint8Array, arrival: Arrival): Promise<Uint8Array> {
    const call = decodeCall(payload)
    const row = askedRow(call)
    const own = call.node === undefined ? this.#own[call.name] : undefined
    if (own !== undefined) return encodeItem(row.reply, await own(checkArgs(call.name, row, call.args), arrival))
    const member = await this.#door.member()
    return await this.#linkTo(member).request(this.#onward(call, row, member), arrival)
  }

  async channel (payload: Uint8Array, channel: Channel, arrival: Arrival): Promise<void> {
    const call = decodeCall(payload)
    const row = askedRow(call)
    const member = await this.#door.member()
    await pipeBothWays(channel, this.#linkTo(member).open(this.#onward(call, row, member), arrival))
  }

  /** As it goes to the member, which answers or passes it on. */
  #onward (call: Call, row: Row, member: NodeId): Uint8Array {
    if (row.here === true) {
      throw new CloudError('EINVAL', `${call.name} is not passed on to a member; ask the daemon of a node itself.`)
    }
    if (call.name === 'spawn') return this.#spawning(call, row, member)
    return encodeCall({ ...call, hops: 0, chain: this.#chainTo(member, row) })
  }

  /** The member places the objects, and hands on to their nodes what they may do, also when the session is over. */
  #spawning (call: Call, row: Row, member: NodeId): Uint8Array {
    const given = checkArgs('spawn', row, call.args) as ArgsOf<'spawn'>
    const { cp = toHex(this.#random.bytes(16)), can = [] } = given
    const { clock, keys } = this.#ports
    const nowMs = clock.wallMs()
    const spawn = { can: [row.capability], untilMs: nowMs + HANDED_ON_MS }
    const terms = { grants: [spawn, ...grantsOfObjects(`cp:${cp}`, can)], proxy: true, expiresMs: nowMs + OBJECTS_MS }
    const own = this.#factotum.extend(this.#session(), { ...terms, audience: keys.self })
    const chain = this.#factotum.extend({ key: keys, chain: own }, { ...terms, audience: member })
    return encodeCall({ ...call, args: { ...given, cp }, hops: 0, chain })
  }

  /** By which the member asks others for the user: for this kind of call alone, and for a while. */
  #chainTo (member: NodeId, { capability }: Row): readonly Uint8Array[] {
    this.#session()
    const { clock, keys } = this.#ports
    const nowMs = clock.wallMs()
    const key = `${member} ${capability}`
    const known = this.#handed.get(key)
    if (known !== undefined && nowMs < known.renewMs) return known.chain
    const by = { key: keys, chain: this.#factotum.ownChain() }
    const terms = { audience: member, grants: [{ can: [capability] }], proxy: true, expiresMs: nowMs + HANDED_ON_MS }
    const chain = this.#factotum.extend(by, terms)
    this.#handed.set(key, { chain, renewMs: nowMs + HANDED_ON_MS / 2 })
    return chain
  }

  async #login (
    { name, password, forMs }: { name: string, password: string, forMs: number }
  ): Promise<ReplyOf<'login'>> {
    const { clock, keys } = this.#ports
    const { secret } = await this.#ask(() => [])
    const { holders } = await secret.holders({ user: name })
    const at = (node: NodeId): Pick<typeof secret, 'begin' | 'open'> => ({
      begin: async (args, options) => await secret.begin(args, { ...options, node }),
      open: async (args, options) => await secret.open(args, { ...options, node })
    })
    const { seed, chain } = await openUser({ ...this.#ports, at }, { holders, keepers: holders }, name, password)
    const key = keys.fromSeed(seed)
    const nowMs = clock.wallMs()
    const untilMs = Math.min(nowMs + forMs, endOf(chain, keys) ?? Infinity)
    this.#lock()
    this.#factotum.unlock({ name, key, chain, untilMs })
    try {
      this.#cloud = (await this.#whoami({ timeoutMs: WHOAMI_TIMEOUT_MS })).cloud ?? ''
    } catch (error) {
      this.#lock() // of no use: the user was removed, or is another cloud's
      throw error
    }
    this.#endAfter(untilMs - nowMs)
    return { name, key: key.self, untilMs }
  }

  #logout (): ReplyOf<'logout'> {
    const name = this.#factotum.session?.name
    this.#lock()
    this.#endAfter(LAST_WORD_MS)
    return name === undefined ? {} : { name }
  }

  async #whoami (patience: RequestOptions): Promise<ReplyOf<'whoami'>> {
    const { name: user } = this.#session()
    const syscalls = await this.#ask((member, row) => this.#chainTo(member, row))
    return { ...await syscalls.whoami({}, patience), user }
  }

  #keys (): ReplyOf<'keys'> {
    const { name, key, untilMs } = this.#session()
    const root = { key: this.#cloud, here: key.self === this.#cloud }
    return { node: this.#ports.keys.self, root, user: { name, key: key.self, untilMs }, revoked: [] }
  }

  #lock (): void {
    this.#factotum.lock()
    this.#handed.clear()
  }

  /** Throws EACCES where there is none. */
  #session (): Session {
    const { session } = this.#factotum
    if (session !== undefined) return session
    throw new CloudError('EACCES', 'Nobody is logged in here; "welkin login NAME --at ADDRESS" logs in.')
  }

  /** The member's own answers. */
  async #ask (chainTo: (member: NodeId, row: Row) => readonly Uint8Array[]): Promise<Syscalls> {
    const member = await this.#door.member()
    return createSyscalls(this.#linkTo(member), {
      drawRequestId: () => toHex(this.#random.bytes(16)), checkReplies: true, chain: ({ row }) => chainTo(member, row)
    })
  }

  #linkTo (member: NodeId) {
    return this.#ports.transport.link(member, SYSCALL_PROTOCOL)
  }

  #endAfter (delayMs: number): void {
    this.#cancelEnd()
    this.#cancelEnd = this.#ports.clock.after(delayMs, this.#end)
  }
}

function askedRow ({ name, chain }: Call): Row {
  const row = rowOf(name)
  if (row === undefined) throw new CloudError('ENOSYS', `There is no system call ${name}; see "welkin call --help".`)
  if (chain.length === 0) return row
  throw new CloudError('EACCES', 'No object has its token from here; unset WELKIN_TOKEN to ask as the user.')
}

import {
  checkArgs, decodeCall, encodeCall, encodeItem, rowOf, SYSCALL_PROTOCOL,
  type Call, type CallName, type Row, type Syscalls
} from '@welkin/abi'
import { pipeBothWays } from '@welkin/async'
import {
  CloudError, isCloudError, toErrorRecord, toHex, type AbortOptions, type Cancel, type Channel, type Clock,
  type Handler, type Keys, type Link, type Logger, type Membership, type MetricRegister, type NodeId, type ObjectId,
  type Random, type Transport
} from '@welkin/interface'
import type { Resource } from '@welkin/capability'
import { createSyscalls } from '@welkin/syscalls'
import { pipePair, Wire } from '@welkin/wire'
import { resolveNode } from '../resolve-node.ts'
import type { Access, Asked } from './access.ts'
import type {
  Caller, CallContext, Calls, DuplexContext, DuplexName, Locator, ServerOf, StreamContext
} from './calls.ts'
import { checkedChannel } from './checked-channel.ts'
import { contextOf, duplexContextOf, inputOf, streamContextOf, type Arrival } from './context.ts'
import { registerMetrics, type DispatchMetrics } from './metrics.ts'
import { MendingLink } from './mending-link.ts'
import { principalOf } from './principal.ts'
import { Replies } from './replies.ts'

const REPLIES = { entriesMax: 10_000, bytesMax: 64 << 20 }
/** Clients to other nodes that are kept ready. */
const CLIENTS_MAX = 10_000
const HOPS_MAX = 3
/** So often one call follows an object that moves while it waits. */
const MOVES_MAX = 1000

type AnyContext = CallContext | StreamContext<unknown>
type AnyDuplexServer = (args: unknown, context: DuplexContext) => Promise<void>
type AnyServer = (args: unknown, context: AnyContext) => Promise<unknown> | AsyncIterable<unknown>

/** Where a call is to be answered (undefined: here), and with which arguments: an object is named by its whole id. */
interface Route { node: NodeId | undefined, args: unknown }

export interface DispatcherPorts {
  access: Access
  clock: Clock
  keys: Keys
  log: Logger
  metrics: MetricRegister
  random: Random
  transport: Transport
}

/** Checks, routes and answers calls. */
export class Dispatcher implements Calls {
  readonly #ports: DispatcherPorts
  readonly #random: Random
  readonly #metrics: DispatchMetrics
  readonly #servers = new Map<string, AnyServer>()
  readonly #duplexServers = new Map<string, AnyDuplexServer>()
  readonly #replies = new Replies(REPLIES)
  readonly #clients = new Map<NodeId, Syscalls>()
  #membership: Membership | undefined
  #locator: Locator | undefined
  #resourceOf: (id: ObjectId) => Resource | undefined = () => undefined

  constructor (ports: DispatcherPorts) {
    this.#ports = ports
    this.#random = ports.random.fork('dispatch')
    this.#metrics = registerMetrics(ports.metrics)
  }

  /** Gives what routing needs; the kernel processes that know it need dispatch themselves, so it comes after them. */
  route (membership: Membership, locator: Locator, resourceOf: (id: ObjectId) => Resource | undefined): void {
    this.#membership = membership
    this.#locator = locator
    this.#resourceOf = resourceOf
  }

  serve<N extends CallName> (name: N, server: ServerOf<N>): Cancel {
    if (this.#servers.has(name)) throw new Error(`${name} is served twice`)
    this.#servers.set(name, server as AnyServer)
    return () => { this.#servers.delete(name) }
  }

  serveDuplex<N extends DuplexName> (
    name: N, server: (args: never, context: DuplexContext) => Promise<void>
  ): Cancel {
    if (this.#duplexServers.has(name)) throw new Error(`${name} is served twice`)
    this.#duplexServers.set(name, server as AnyDuplexServer)
    return () => { this.#duplexServers.delete(name) }
  }

  open (node: NodeId, caller: Caller, name: DuplexName, args: unknown, { signal }: AbortOptions = {}): Channel {
    const { access, keys, transport } = this.#ports
    const requestId = toHex(this.#random.bytes(16))
    const isHere = node === keys.self
    const chain = isHere ? [] : access.chainTo(node, caller, { name, row: rowOf(name) as Row })
    const link = isHere ? this.link(caller) : transport.link(node, SYSCALL_PROTOCOL)
    const hops = isHere ? 0 : 1
    return link.open(encodeCall({ name, args, requestId, node: undefined, hops, chain }), { signal, paced: true })
  }

  at (node: NodeId, caller?: Caller): Syscalls {
    if (caller !== undefined) return this.#clientFor(node, caller)
    const known = this.#clients.get(node)
    if (known !== undefined) return known
    if (this.#clients.size >= CLIENTS_MAX) this.#clients.clear()
    const link = this.#ports.transport.link(node, SYSCALL_PROTOCOL)
    const drawRequestId = (): string => toHex(this.#random.bytes(16))
    const client = createSyscalls(link, { drawRequestId, hops: 1, checkReplies: true })
    this.#clients.set(node, client)
    return client
  }

  #clientFor (node: NodeId, caller: Caller): Syscalls {
    const { access, keys, transport } = this.#ports
    const isHere = node === keys.self
    const link = isHere ? this.link(caller) : transport.link(node, SYSCALL_PROTOCOL)
    const chain = ({ name, row }: Asked): readonly Uint8Array[] =>
      isHere ? [] : access.chainTo(node, caller, { name, row })
    const drawRequestId = (): string => toHex(this.#random.bytes(16))
    return createSyscalls(link, { drawRequestId, hops: isHere ? 0 : 1, checkReplies: true, chain })
  }

  /** Answers calls that come in by a gateway; `callerOf` says who asks, given the call and the way it came. */
  handler<Context extends Arrival> (callerOf: (context: Context, call: Call) => Caller): Handler<Context> {
    return {
      request: async (payload, context) => {
        const call = decodeCall(payload)
        return await this.#answer(call, callerOf(context, call), context)
      },
      channel: async (payload, channel, context) => {
        const call = decodeCall(payload)
        await this.#converse(call, callerOf(context, call), channel, context)
      }
    }
  }

  /** A way in for what lives in this process: the same frames and limits as from outside, without the socket. */
  link (caller: Caller): Link {
    const { clock, log } = this.#ports
    const defer = (run: () => void): void => { clock.after(0, run) }
    const handler = this.handler(() => caller)
    return new MendingLink(() => {
      const [near, far] = pipePair(defer)
      void new Wire({ pipe: far, clock, log, defer, handler })
      return new Wire({ pipe: near, clock, log, defer })
    })
  }

  async #answer (call: Call, caller: Caller, arrival: Arrival): Promise<Uint8Array> {
    const { clock, transport } = this.#ports
    const startedMs = clock.monotonicMs()
    try {
      const row = this.#rowOf(call)
      if (row.streams || row.input !== undefined) {
        throw new CloudError('EPROTO', `${call.name} is a stream: open a channel for it.`)
      }
      const execute = async (by: Arrival): Promise<Uint8Array> => await this.#atItsPlace(call, row, caller, by,
        async args => encodeItem(row.reply, await this.#server(call.name)(args, contextOf(call, caller, by))),
        async (node, args) => {
          const left = timeLeft(by, clock.monotonicMs() - startedMs)
          const onward = this.#forwarded(call, row, caller, node, args)
          return await transport.link(node, SYSCALL_PROTOCOL).request(onward, left)
        })
      // A reply that is kept is for those alone who may make the call, now as when it was made.
      if (row.repeat === 'once') await this.#checkFirst(call, row, caller)
      const reply = row.repeat === 'once' ? await this.#once(call, caller, arrival, execute) : await execute(arrival)
      this.#done(call, caller)
      return reply
    } catch (error) {
      throw this.#failed(call, caller, error)
    } finally {
      this.#metrics.seconds.observe((clock.monotonicMs() - startedMs) / 1000)
    }
  }

  /** The caller's going away alone does not end what a repeat may be waiting for. */
  async #once (
    call: Call, caller: Caller, arrival: Arrival, execute: (by: Arrival) => Promise<Uint8Array>
  ): Promise<Uint8Array> {
    const key = `${principalOf(caller)} ${call.requestId}`
    return await this.#replies.once(key, call.name, arrival.signal, async signal => {
      // A reply from another node is a view of what came in with it, which must not be kept with it.
      return (await execute({ signal, timeoutMs: arrival.timeoutMs })).slice()
    })
  }

  async #converse (call: Call, caller: Caller, channel: Channel, arrival: Arrival): Promise<void> {
    const { clock, transport } = this.#ports
    const startedMs = clock.monotonicMs()
    try {
      const row = this.#rowOf(call)
      if (!row.streams && row.input === undefined) {
        throw new CloudError('EPROTO', `${call.name} is no stream: make a request of it.`)
      }
      await this.#atItsPlace(call, row, caller, arrival,
        async args => { await this.#stream(call, row, args, caller, channel, arrival) },
        async (node, args) => {
          const left = timeLeft(arrival, clock.monotonicMs() - startedMs)
          const onward = this.#forwarded(call, row, caller, node, args)
          const { duplex } = row
          const there = transport.link(node, SYSCALL_PROTOCOL).open(onward, { ...left, paced: row.bulk !== true })
          if (readsOn(row, args)) await passReplies(there, channel)
          else await pipeBothWays(channel, there, { duplex })
        })
      this.#done(call, caller)
    } catch (error) {
      throw this.#failed(call, caller, error)
    }
  }

  async #stream (
    call: Call, row: Row, args: unknown, caller: Caller, channel: Channel, arrival: Arrival
  ): Promise<void> {
    // What it rests on may be taken back at any time, and then it ends.
    const check = (): void => this.#ports.access.checkNotRevoked(caller)
    const duplex = this.#duplexServers.get(call.name)
    if (duplex !== undefined) {
      await duplex(args, duplexContextOf(call, caller, arrival, checkedChannel(channel, check)))
      return
    }
    const context = streamContextOf(call, caller, arrival, inputOf(call.name, row, channel, check))
    const result = this.#server(call.name)(args, context)
    if (!row.streams) {
      await channel.send(encodeItem(row.reply, await (result as Promise<unknown>)))
      return
    }
    for await (const item of result as AsyncIterable<unknown>) {
      check()
      await channel.send(encodeItem(row.reply, item))
    }
  }

  /** Runs `here` or `there`, wherever the call belongs; once more whenever the object has moved meanwhile. */
  async #atItsPlace<T> (
    call: Call, row: Row, caller: Caller, arrival: Arrival, run: (args: unknown) => Promise<T>,
    there: (node: NodeId, args: unknown) => Promise<T>
  ): Promise<T> {
    const { access } = this.#ports
    const asked = { name: call.name, row }
    await this.#checkFirst(call, row, caller)
    let given = checkArgs(call.name, row, call.args)
    const here = async (args: unknown): Promise<T> => {
      const about = row.at === 'object'
        ? this.#resourceOf((args as { id: ObjectId }).id)
        : this.#aboutCaller(caller, row)
      if (row.at === 'object') await access.check(caller, asked, about)
      await access.spend(caller, asked, about)
      return await run(args)
    }
    const runAt = async ({ node, args }: Route): Promise<T> => {
      if (node === undefined) return await here(args)
      this.#metrics.forwarded.add()
      return await there(node, args)
    }
    for (let moves = 0; ; moves++) {
      const route = await this.#routeOf(call, row, given, arrival)
      try {
        return await runAt(route)
      } catch (error) {
        const isOurs = !row.streams || (call.hops === 0 && readsOn(row, given))
        const mayAsk = row.at === 'object' && isOurs && moves < MOVES_MAX && arrival.signal?.aborted !== true
        if (!mayAsk || !isCloudError(error, 'ESTALE')) throw error
        const { id } = route.args as { id: ObjectId }
        const { node: movedTo, stdout, stderr } = error.fields
        if (typeof stdout === 'number' && typeof stderr === 'number') given = row.readOn?.(given, { stdout, stderr })
        // Who answers without saying where it went says so once: a second time it would be the same.
        if (typeof movedTo === 'string') this.#locator?.learn(id, movedTo)
        else if (moves > 0) throw error
        else this.#locator?.forget(id)
      }
    }
  }

  /** Nobody learns from an error about arguments what he may not ask at all. */
  async #checkFirst ({ name }: Call, row: Row, caller: Caller): Promise<void> {
    const about = row.at === 'object' ? 'unknown' : this.#aboutCaller(caller, row)
    await this.#ports.access.check(caller, { name, row }, about)
  }

  async #routeOf (call: Call, row: Row, args: unknown, arrival: Arrival): Promise<Route> {
    const { self } = this.#ports.keys
    if (call.node !== undefined && call.hops === 0) {
      const node = await this.#nodeOf(call.node, arrival)
      if (node.id !== self && row.here === true) throw asksHere(call.name)
      if (node.id !== self) return { node: node.id, args }
    }
    if (row.at === 'any') return { node: undefined, args }
    const { id: ref } = args as { id: string }
    const { id, node } = await (this.#locator as Locator).locate(ref, arrival)
    const meant = { ...args as object, id }
    if (node === self) return { node: undefined, args: meant }
    // Whoever asks in vain learns where it went; what is a stream with input is passed on, but for conversations, which
    // whoever makes them can begin anew.
    const mayAskAgain = !row.streams || row.duplex === true || readsOn(row, args)
    const asksAgain = call.hops === 1 && mayAskAgain && (this.#locator as Locator).hasLeft(id)
    if (call.hops < HOPS_MAX && !asksAgain) return { node, args: meant }
    throw new CloudError('ESTALE', `Object ${id} is not where it was; ask again.`, { fields: { id, node } })
  }

  /** The node that `ref` means: of this site if one there goes by it, else of the cloud. */
  async #nodeOf (ref: string, { signal }: Arrival): Promise<{ id: NodeId }> {
    const membership = this.#membership as Membership
    const own = membership.nodes().find(({ id, name }) => id === ref || name === ref)
    return own ?? resolveNode(await membership.everyone({ signal }), ref)
  }

  #aboutCaller (caller: Caller, { aboutName, ownObject }: Row): Resource | 'unknown' | undefined {
    if (aboutName === true) return 'unknown'
    return ownObject === true && caller.kind === 'object' ? this.#resourceOf(caller.id) : undefined
  }

  /** The call as the next node gets it, which answers or routes it; what proves the caller there is made for there. */
  #forwarded (call: Call, row: Row, caller: Caller, node: NodeId, args: unknown): Uint8Array {
    const chain = this.#ports.access.chainTo(node, caller, { name: call.name, row })
    // A stranger's machine counts as well, so that whoever answers sees that it is not this node that asks.
    const hops = call.hops + (caller.kind === 'stranger' ? 2 : 1)
    return encodeCall({ ...call, args, node: undefined, hops, chain })
  }

  #rowOf ({ name }: Call): Row {
    const row = rowOf(name)
    if (row === undefined || !(this.#servers.has(name) || this.#duplexServers.has(name))) {
      throw new CloudError('ENOSYS', 'This node does not know that system call; see "welkin call --help".')
    }
    return row
  }

  #server (name: string): AnyServer {
    return this.#servers.get(name) as AnyServer
  }

  #done (call: Call, caller: Caller): void {
    const row = rowOf(call.name) as Row
    this.#metrics.calls.add(1, { call: call.name, code: 'ok' })
    if (row.audited === true) this.#ports.access.audit(caller, { name: call.name, row }, 'ok')
  }

  /** A fault of the world goes to the caller as it is; of a bug, which is logged, it learns only that there was one. */
  #failed (call: Call, caller: Caller, error: unknown): CloudError {
    const row = rowOf(call.name)
    const known = row === undefined ? 'unknown' : call.name
    const outcome = toErrorRecord(error).code
    this.#metrics.calls.add(1, { call: known, code: outcome })
    // What was refused is on record already.
    if (row?.audited === true && outcome !== 'EACCES') this.#ports.access.audit(caller, { name: known, row }, outcome)
    if (error instanceof CloudError) return error
    this.#ports.log.error('dispatch.call_failed', { call: known, error })
    const { code, message } = toErrorRecord(error)
    return new CloudError(code, message, { cause: error })
  }
}

/** Whether ESTALE says where the rest of a stream is to be had. */
function readsOn ({ readOn }: Row, args: unknown): boolean {
  return readOn !== undefined && (args as { input?: boolean }).input !== true
}

/** Its failure is the caller's to judge, and not yet told to the other end. */
async function passReplies (from: Channel, to: Channel): Promise<void> {
  try {
    await from.end()
    for await (const message of from) await to.send(message)
  } catch (error) {
    from.fail(new CloudError('ECONNRESET', 'The call was cut off on its way.', { cause: error }))
    throw error
  }
}

function timeLeft ({ signal, timeoutMs }: Arrival, passedMs: number): Arrival {
  return { signal, timeoutMs: timeoutMs === undefined ? undefined : Math.max(1, timeoutMs - passedMs) }
}

function asksHere (name: string): CloudError {
  return new CloudError('EINVAL', `${name} is not passed on to other nodes; ask the daemon of that node itself.`)
}

import { firstOf, Gate, joinStreams, pipeBothWays, withDeadline } from '@welkin/async'
import {
  CloudError, isCloudError, portMeant, toErrorRecord, toHex, type AbortOptions, type Cancel, type Channel, type Clock,
  type Dialer, type Disk, type Events, type Keys, type Logger, type MetricRegister, type ObjectId, type Random,
  type Resolver, type Service
} from '@welkin/interface'
import { connectWherever } from '@welkin/resumable'
import type { Caller, Calls } from '../../dispatch/index.ts'
import { answered, Dialling, type Connect, type Reached } from './dialling.ts'
import { noSuchPort, notRunning } from './errors.ts'
import { Listeners, type Call } from './listeners.ts'
import { Mailboxes, Sender } from './mail/index.ts'
import { Mending, Sessions } from './sessions/index.ts'
import { registerMetrics, type CommunicationMetrics } from './metrics.ts'
import type { OwnObjects } from './objects.ts'
import type { CommunicationOptions } from './options.ts'

/** The message by which who is dialled says that it is there. */
const HERE = new Uint8Array(0)

export interface CommunicationPorts {
  calls: Calls
  clock: Clock
  dialer: Dialer
  disk: Disk
  events: Events
  keys: Keys
  log: Logger
  metrics: MetricRegister
  objects: OwnObjects
  random: Random
  resolver: Resolver
}

export interface DialOptions extends AbortOptions { patienceMs: number }

/** An object's port, and who wants to talk to it. */
export interface ServeArgs {
  id: ObjectId
  port: string | number | undefined
  from: string
  /** Resumable, and gone on with. */
  session?: string | undefined
  again: boolean
}

/** One of an object's ports; number 0: it listens by system calls. */
interface Port { name: string, number: number }

/** How to talk to objects, for those of this node and for those who ask it. */
export class Communication implements Service {
  readonly name = 'communication'
  readonly mail: Mailboxes
  readonly sender: Sender
  readonly #ports: CommunicationPorts
  readonly #metrics: CommunicationMetrics
  readonly #dialling: Dialling
  readonly #dials: Gate
  readonly #listeners: Listeners
  readonly #sessions: Sessions
  readonly #mending: Mending
  readonly #random: Random
  readonly #options: CommunicationOptions
  /** Streams to objects' ports that are no sessions here, by object. */
  readonly #streams = new Map<ObjectId, Set<Channel>>()
  readonly #cancels: Cancel[] = []
  #open = 0

  constructor (ports: CommunicationPorts, options: CommunicationOptions) {
    this.#ports = ports
    this.#metrics = registerMetrics(ports.metrics)
    this.#dialling = new Dialling({ ...ports, metrics: this.#metrics }, options)
    this.mail = new Mailboxes(ports, options)
    this.sender = new Sender(ports)
    this.#dials = new Gate(options.dialsMax)
    this.#options = options
    this.#random = ports.random.fork('communication')
    this.#listeners = new Listeners(ports.clock, this.#random, options)
    this.#sessions = new Sessions(ports.clock, options)
    this.#mending = new Mending({ ...ports, random: this.#random }, options.graceMs)
  }

  async start (): Promise<void> {
    await this.mail.load()
    this.#cancels.push(this.#ports.events.subscribe(({ type, fields }) => {
      const object = fields['object'] as ObjectId
      if (type === 'objectExited' || type === 'objectMoved') this.#listeners.drop(object)
      if (type === 'objectMoved') this.#breakOff(object)
      if (type === 'objectRemoved' || type === 'objectMoved') void this.mail.remove(object)
    }))
  }

  async stop (): Promise<void> {
    for (const cancel of this.#cancels.splice(0)) cancel()
    this.#sessions.close()
  }

  /**
   * A conversation with what `target` (`NAME:PORT`) stands for; resolves when somebody is there. Rejects ENOENT,
   * EINVAL, ECONNREFUSED, EHOSTDOWN, EACCES, and ETIMEDOUT after `patienceMs`.
   */
  async dial (caller: Caller, target: string, options: DialOptions): Promise<Channel> {
    return await this.#dial(target, options, async (reached, soon) => await this.#connect(caller, reached, {}, soon))
  }

  /** The same for a session, which speaks in frames, and whom it reached. */
  async begin (
    caller: Caller, target: string, session: string, options: DialOptions
  ): Promise<{ reached: Reached, onward: Channel }> {
    return await this.#dial(target, options, async (reached, soon) => {
      return { reached, onward: await this.#connect(caller, reached, { session }, soon) }
    })
  }

  /** A session for who is at the other end of `channel`, until it is over; what breaks between the nodes is mended. */
  async talk (caller: Caller, target: string, channel: Channel, options: DialOptions): Promise<void> {
    const { clock, keys } = this.#ports
    const session = toHex(this.#random.bytes(16))
    const { reached, onward } = await this.begin(caller, target, session, options)
    await channel.send(HERE)
    let [last, tries] = [reached.node, 0]
    await this.#mending.talk(channel, onward, async signal => {
      const deadline = { timeoutMs: this.#options.tryMs, signal, what: `Going on with ${target}` }
      // Where it was last, or wherever somebody finds it.
      const first = tries++ % 2 === 0 ? last : keys.self
      return await withDeadline(clock, deadline, async soon => {
        return await connectWherever(first, async (node, hasMoved) => {
          if (hasMoved) last = node
          return await this.#connect(caller, { ...reached, node }, { session, again: true }, soon)
        })
      })
    })
  }

  async #dial<T> (target: string, { patienceMs, signal }: DialOptions, connect: Connect<T>): Promise<T> {
    const { clock } = this.#ports
    const startedMs = clock.monotonicMs()
    const what = `The dial of ${target}`
    let code = 'ok'
    try {
      return await withDeadline(clock, { timeoutMs: patienceMs, signal, what }, async within => {
        return await this.#dials.run(async () => {
          return await this.#dialling.dial(target, connect, within)
        }, { signal: within })
      })
    } catch (error) {
      code = toErrorRecord(error).code
      throw error
    } finally {
      this.#metrics.dialled.add(1, { code })
      this.#metrics.seconds.observe((clock.monotonicMs() - startedMs) / 1000)
    }
  }

  /** Joins the channel of a caller with one of an object's ports; resolves when the conversation is over. */
  async serve (args: ServeArgs, channel: Channel, signal: AbortSignal): Promise<void> {
    const { id, session, again } = args
    await this.#ports.objects.get(id).whenHere({ signal })
    const port = this.#portOf(args)
    const isItsOwn = port.number === 0 && this.#listeners.isResumable(id, port.name)
    if (session === undefined || isItsOwn) return await this.#join(args, port, channel, signal)
    // One that was begun here by a call that is made again is the same.
    if (again || this.#sessions.knows(session, id)) this.#sessions.check(session, id)
    else await this.#begin(session, args, port, signal)
    await channel.send(HERE)
    await this.#sessions.attach(session, id, channel)
  }

  async #join (args: ServeArgs, port: Port, channel: Channel, signal: AbortSignal): Promise<void> {
    const { id, session } = args
    const { stream, isOver } = await this.#reach(args, port, signal)
    const streams = this.#streams.get(id) ?? new Set()
    this.#streams.set(id, streams.add(stream))
    this.#metrics.open.set(++this.#open)
    try {
      // Who goes on with it says so first, or that it knows nothing of it.
      const first = session === undefined ? undefined : await firstOf(stream)
      await channel.send(HERE)
      if (first !== undefined) await channel.send(first)
      // Frames stay whole, where bytes may come in any pieces.
      if (session === undefined) await joinStreams(channel, stream)
      else await pipeBothWays(channel, stream, { duplex: true })
    } catch (error) {
      stream.fail(error instanceof CloudError ? error : new CloudError('ECONNRESET', 'The caller is gone.'))
      throw error
    } finally {
      this.#metrics.open.set(--this.#open)
      streams.delete(stream)
      if (streams.size === 0) this.#streams.delete(id)
      isOver()
    }
  }

  /** The object goes on elsewhere: whoever talks to it here is to dial again. */
  #breakOff (object: ObjectId): void {
    const message = `Object ${object} has moved to another node; dial it again.`
    const why = new CloudError('ECONNRESET', message, { fields: { object } })
    for (const stream of this.#streams.get(object) ?? []) stream.fail(why)
    this.#sessions.drop(object, why)
  }

  /** Those who dial one of the object's ports, for as long as it listens. */
  async * listen (id: ObjectId, port: string, isResumable: boolean, signal: AbortSignal): AsyncGenerator<Call> {
    const hide = this.#ports.objects.listen(id, port)
    try {
      yield * this.#listeners.listen(id, port, isResumable, signal)
    } finally {
      hide()
    }
  }

  /** Resolves when the conversation is over. Rejects ENOENT. */
  async accept (id: ObjectId, connection: string, channel: Channel): Promise<void> {
    await this.#listeners.accept(id, connection, channel)
  }

  async #connect (
    caller: Caller, { node, object, port }: Reached, session: { session?: string, again?: boolean }, signal: AbortSignal
  ): Promise<Channel> {
    const channel = this.#ports.calls.open(node, caller, 'connect', { id: object, port, ...session }, { signal })
    return await answered(channel)
  }

  async #begin (session: string, args: ServeArgs, port: Port, signal: AbortSignal): Promise<void> {
    const { stream, isOver } = await this.#reach({ ...args, session: undefined }, port, signal)
    const over = (): void => {
      this.#metrics.open.set(--this.#open)
      isOver()
    }
    this.#metrics.open.set(++this.#open)
    try {
      this.#sessions.begin({ id: session, object: args.id }, stream).over.then(over, over)
    } catch (error) {
      over()
      if (isCloudError(error)) stream.fail(error)
      throw error
    }
  }

  /** Throws ECONNREFUSED, ESRCH, EINVAL. */
  #portOf ({ id, port: wanted }: ServeArgs): Port {
    const { objects } = this.#ports
    const { state } = objects.get(id)
    if (state !== 'running') throw notRunning(id, state)
    const ports = objects.portsOf(id)
    const name = portMeant(ports, wanted === undefined ? undefined : `${wanted}`)
    if (name === undefined) throw noSuchPort(`Object ${id}`, wanted, ports)
    return { name, number: ports[name] as number }
  }

  async #reach (
    { id, from, session, again }: ServeArgs, { name, number }: Port, signal: AbortSignal
  ): Promise<{ stream: Channel, isOver: () => void }> {
    if (number > 0) return { stream: await this.#ports.dialer.connect(number, { signal }), isOver: () => {} }
    const call = { from, ...session === undefined ? {} : { session, again } }
    const { channel, isOver } = await this.#listeners.offer(id, name, call, signal)
    return { stream: channel, isOver }
  }
}

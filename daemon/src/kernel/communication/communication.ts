import { Gate, withDeadline } from '@welkin/async'
import {
  CloudError, toErrorRecord, type AbortOptions, type Cancel, type Channel, type Clock, type Dialer, type Events,
  type Keys, type Logger, type MetricRegister, type ObjectId, type Random, type Resolver, type Service
} from '@welkin/interface'
import { pipeBothWays, type Caller, type Calls } from '../../dispatch/index.ts'
import { answered, Dialling, type Reached } from './dialling.ts'
import { noSuchPort, notRunning } from './errors.ts'
import { Listeners } from './listeners.ts'
import { registerMetrics, type CommunicationMetrics } from './metrics.ts'
import type { OwnObjects } from './objects.ts'
import type { CommunicationOptions } from './options.ts'

/** The message by which who is dialled says that it is there. */
const HERE = new Uint8Array(0)

export interface CommunicationPorts {
  calls: Calls
  clock: Clock
  dialer: Dialer
  events: Events
  keys: Keys
  log: Logger
  metrics: MetricRegister
  objects: OwnObjects
  random: Random
  resolver: Resolver
}

export interface DialOptions extends AbortOptions { patienceMs: number }

/** How to talk to objects, for those of this node and for those who ask it. */
export class Communication implements Service {
  readonly name = 'communication'
  readonly #ports: CommunicationPorts
  readonly #metrics: CommunicationMetrics
  readonly #dialling: Dialling
  readonly #dials: Gate
  readonly #listeners: Listeners
  readonly #cancels: Cancel[] = []
  #open = 0

  constructor (ports: CommunicationPorts, options: CommunicationOptions) {
    this.#ports = ports
    this.#metrics = registerMetrics(ports.metrics)
    this.#dialling = new Dialling({ ...ports, metrics: this.#metrics }, options)
    this.#dials = new Gate(options.dialsMax)
    this.#listeners = new Listeners(ports.clock, ports.random.fork('communication'), options)
  }

  async start (): Promise<void> {
    this.#cancels.push(this.#ports.events.subscribe(({ type, fields }) => {
      if (type === 'objectExited') this.#listeners.drop(fields['object'] as ObjectId)
    }))
  }

  async stop (): Promise<void> {
    for (const cancel of this.#cancels.splice(0)) cancel()
  }

  /**
   * A conversation with what `target` (`NAME:PORT`) stands for; resolves when somebody is there. Rejects ENOENT,
   * EINVAL, ECONNREFUSED, EHOSTDOWN, EACCES, and ETIMEDOUT after `patienceMs`.
   */
  async dial (caller: Caller, target: string, { patienceMs, signal }: DialOptions): Promise<Channel> {
    const { clock } = this.#ports
    const startedMs = clock.monotonicMs()
    const what = `The dial of ${target}`
    let code = 'ok'
    try {
      return await withDeadline(clock, { timeoutMs: patienceMs, signal, what }, async within => {
        return await this.#dials.run(async () => {
          return await this.#dialling.dial(target, async (reached, soon) => {
            return await this.#connect(caller, reached, soon)
          }, within)
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
  async serve (
    id: ObjectId, port: string | number, from: string, channel: Channel, signal: AbortSignal
  ): Promise<void> {
    const { stream, isOver } = await this.#reach(id, port, from, signal)
    this.#metrics.open.set(++this.#open)
    try {
      await channel.send(HERE)
      await pipeBothWays(channel, stream, { duplex: true })
    } catch (error) {
      stream.fail(error instanceof CloudError ? error : new CloudError('ECONNRESET', 'The caller is gone.'))
      throw error
    } finally {
      this.#metrics.open.set(--this.#open)
      isOver()
    }
  }

  /** Those who dial one of the object's ports, for as long as it listens. */
  async * listen (
    id: ObjectId, port: string, signal: AbortSignal
  ): AsyncGenerator<{ connection: string, from: string }> {
    const hide = this.#ports.objects.listen(id, port)
    try {
      yield * this.#listeners.listen(id, port, signal)
    } finally {
      hide()
    }
  }

  /** Resolves when the conversation is over. Rejects ENOENT. */
  async accept (id: ObjectId, connection: string, channel: Channel): Promise<void> {
    await this.#listeners.accept(id, connection, channel)
  }

  async #connect (caller: Caller, { node, object, port }: Reached, signal: AbortSignal): Promise<Channel> {
    const channel = this.#ports.calls.open(node, caller, 'connect', { id: object, port }, { signal })
    return await answered(channel)
  }

  async #reach (
    id: ObjectId, wanted: string | number, from: string, signal: AbortSignal
  ): Promise<{ stream: Channel, isOver: () => void }> {
    const { dialer, objects } = this.#ports
    const { state } = objects.get(id)
    if (state !== 'running') throw notRunning(id, state)
    const ports = objects.portsOf(id)
    const name = typeof wanted === 'string' ? wanted : Object.keys(ports).find(each => ports[each] === wanted)
    const port = name !== undefined && Object.hasOwn(ports, name) ? ports[name] : undefined
    if (port === undefined) throw noSuchPort(`Object ${id}`, wanted, ports)
    if (port > 0) return { stream: await dialer.connect(port, { signal }), isOver: () => {} }
    const { channel, isOver } = await this.#listeners.offer(id, name as string, from, signal)
    return { stream: channel, isOver }
  }
}

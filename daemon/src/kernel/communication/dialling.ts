import { firstOf, putBounded, sleep, withDeadline } from '@welkin/async'
import {
  CloudError, isCloudError, portMeant, splitTarget, throwIfAborted, type Channel, type Clock, type Endpoint,
  type Keys, type Logger, type NodeId, type ObjectId, type Resolved, type Resolver
} from '@welkin/interface'
import { noSuchPort } from './errors.ts'
import type { CommunicationMetrics } from './metrics.ts'
import type { CommunicationOptions } from './options.ts'

/** Between two looks at a name where all have refused. */
const LOOK_AGAIN_MS = 100

/** Names that are known to have stood for something. */
const REACHED_MAX = 10_000

/** An object and what it is to be asked for. */
export interface Reached { node: NodeId, object: ObjectId, port: string | number | undefined }

export interface DiallingPorts {
  clock: Clock
  keys: Keys
  log: Logger
  metrics: CommunicationMetrics
  resolver: Resolver
}

/** Begins a conversation with an object; resolves when somebody is there. */
export type Connect<T> = (reached: Reached, signal: AbortSignal) => Promise<T>

/** From a name to somebody who answers: what it stands for, nearest first, each for a moment. */
export class Dialling {
  readonly #ports: DiallingPorts
  readonly #options: CommunicationOptions
  readonly #everReached = new Map<string, true>()

  constructor (ports: DiallingPorts, options: CommunicationOptions) {
    this.#ports = ports
    this.#options = options
  }

  /**
   * What `connect` gives for the first endpoint that takes it. Where none does, the name is resolved again for a
   * while: what was killed is often back soon, elsewhere. Rejects ENOENT, EINVAL, ECONNREFUSED, EHOSTDOWN and what
   * `connect` rejects.
   */
  async dial<T> (target: string, connect: Connect<T>, signal: AbortSignal): Promise<T> {
    const { clock, resolver } = this.#ports
    const { name, port } = splitTarget(target)
    let refusedMs: number | undefined
    for (let fresh = false; ; fresh = true) {
      try {
        const given = await this.#first(await resolver.resolve(name, { signal, fresh }), port, connect, signal)
        putBounded(this.#everReached, name, true, REACHED_MAX)
        return given
      } catch (error) {
        throwIfAborted(signal)
        refusedMs ??= clock.monotonicMs()
        if (!this.#mayPass(name, error) || clock.monotonicMs() - refusedMs >= this.#options.refusedMs) throw error
      }
      if (fresh) await sleep(clock, LOOK_AGAIN_MS, { signal })
    }
  }

  /** A name that nobody has ever reached was mistyped, more often than not. */
  #mayPass (name: string, error: unknown): boolean {
    if (!isCloudError(error) || isCloudError(error, 'EACCES', 'EINVAL', 'EPERM')) return false
    return !isCloudError(error, 'ENOENT') || this.#everReached.has(name)
  }

  async #first<T> (
    { name, endpoints }: Resolved, port: string | undefined, connect: Connect<T>, signal: AbortSignal
  ): Promise<T> {
    const { clock, log, metrics } = this.#ports
    let first: CloudError | undefined
    for (const endpoint of endpoints) {
      try {
        const reached = this.#reached(name, endpoint, port)
        const what = `The dial of object ${reached.object}`
        return await withDeadline(clock, { timeoutMs: this.#options.tryMs, signal, what }, async within =>
          await connect(reached, within))
      } catch (error) {
        throwIfAborted(signal)
        if (!isCloudError(error)) throw error
        log.debug('communication.endpoint_passed_over', { node: endpoint.node, code: error.code })
        metrics.passedOver.add()
        first ??= error
      }
    }
    throw first ?? new CloudError('ENOENT', `"${name}" stands for nothing that runs now.`, { fields: { name } })
  }

  #reached (name: string, { object, node, ports }: Endpoint, wanted: string | undefined): Reached {
    if (object === undefined) {
      const message = `"${name}" stands for something that is no object; only objects can be talked to.`
      throw new CloudError('EINVAL', message, { fields: { name } })
    }
    const at = { node: node ?? this.#ports.keys.self, object }
    // Where the name says nothing of ports, the object knows.
    if (Object.keys(ports).length === 0) return { ...at, port: portRefOf(wanted) }
    const meant = portMeant(ports, wanted)
    if (meant === undefined) throw noSuchPort(`"${name}"`, wanted, ports)
    // By its number: the name may call the port otherwise than the object does.
    return { ...at, port: ports[meant] === 0 ? meant : ports[meant] }
  }
}

/** As rows take it: `80` is a number. */
function portRefOf (wanted: string | undefined): string | number | undefined {
  return wanted !== undefined && /^\d{1,5}$/.test(wanted) ? Number(wanted) : wanted
}

/** Resolves when the other end has said by an empty message that somebody is there. */
export async function answered (channel: Channel): Promise<Channel> {
  await firstOf(channel)
  return channel
}

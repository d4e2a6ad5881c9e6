import { sleep } from '@welkin/async'
import {
  CloudError, isCloudError, portMeant, splitTarget, throwIfAborted, type Channel, type Clock, type Endpoint,
  type Keys, type Logger, type NodeId, type ObjectId, type Resolved, type Resolver
} from '@welkin/interface'
import { noSuchPort } from './errors.ts'
import type { CommunicationMetrics } from './metrics.ts'
import type { CommunicationOptions } from './options.ts'

/** Between two looks at a name where all have refused. */
const LOOK_AGAIN_MS = 100

/** An object and what it is to be asked for. */
export interface Reached { node: NodeId, object: ObjectId, port: string | number }

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
    const startedMs = clock.monotonicMs()
    for (let fresh = false; ; fresh = true) {
      const resolved = await resolver.resolve(name, { signal, fresh })
      try {
        return await this.#first(resolved, port, connect, signal)
      } catch (error) {
        throwIfAborted(signal)
        const mayPass = isCloudError(error) && !isCloudError(error, 'EACCES', 'EINVAL', 'EPERM')
        if (!mayPass || clock.monotonicMs() - startedMs >= this.#options.refusedMs) throw error
      }
      if (fresh) await sleep(clock, LOOK_AGAIN_MS, { signal })
    }
  }

  async #first<T> (
    { name, endpoints }: Resolved, port: string | undefined, connect: Connect<T>, signal: AbortSignal
  ): Promise<T> {
    const { log, metrics } = this.#ports
    let first: CloudError | undefined
    for (const endpoint of endpoints) {
      try {
        return await this.#try(this.#reached(name, endpoint, port), connect, signal)
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

  async #try<T> (reached: Reached, connect: Connect<T>, signal: AbortSignal): Promise<T> {
    const { clock } = this.#ports
    const giveUp = new AbortController()
    const passOn = (): void => giveUp.abort(signal.reason)
    signal.addEventListener('abort', passOn, { once: true })
    const cancel = clock.after(this.#options.tryMs, () => {
      const message = `Object ${reached.object} did not answer within ${this.#options.tryMs} ms.`
      giveUp.abort(new CloudError('ETIMEDOUT', message, { fields: { object: reached.object } }))
    })
    try {
      return await connect(reached, giveUp.signal)
    } finally {
      cancel()
      signal.removeEventListener('abort', passOn)
    }
  }

  #reached (name: string, { object, node, ports }: Endpoint, wanted: string | undefined): Reached {
    if (object === undefined) {
      const message = `"${name}" stands for something that is no object; only objects can be talked to.`
      throw new CloudError('EINVAL', message, { fields: { name } })
    }
    const meant = portMeant(ports, wanted)
    if (meant === undefined) throw noSuchPort(`"${name}"`, wanted, ports)
    // By its number: the name may call the port otherwise than the object does.
    return { node: node ?? this.#ports.keys.self, object, port: ports[meant] === 0 ? meant : ports[meant] as number }
  }
}

/** Resolves when the other end has said by an empty message that somebody is there. */
export async function answered (channel: Channel): Promise<Channel> {
  const { done } = await channel[Symbol.asyncIterator]().next()
  if (done !== true) return channel
  throw new CloudError('EPROTO', 'The other end has ended the conversation before it began.')
}

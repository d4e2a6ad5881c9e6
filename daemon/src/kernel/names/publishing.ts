import { backOffMs, mapConcurrently } from '@welkin/async'
import {
  isCloudError, type Clock, type Logger, type NodeId, type ObjectId, type PublishedObject, type Random
} from '@welkin/interface'
import type { Access } from '../../dispatch/index.ts'
import type { Bindings, Wanted } from './bindings.ts'
import type { NamesOptions } from './options.ts'

/** What has moved is found where it is as soon as that. */
const TTL_MS = 1000
/** So many are bound at a time. */
const WIDTH = 16
const RETRY = { firstMs: 1000, maxMs: 30_000, factor: 2 }

export interface PublishingPorts {
  access: Access
  bindings: Bindings
  clock: Clock
  log: Logger
  random: Random
  self: NodeId
  cloud: string
  /** This node's objects that others can talk to. */
  published: () => Iterable<PublishedObject>
}

/**
 * Binds this node's objects by their own names, for as long as they run: `web` of alice as `web.alice.acme`, and the
 * copies web.0, web.1 of one cloud process as the same.
 */
export class Publishing {
  readonly #ports: PublishingPorts
  readonly #options: NamesOptions
  readonly #bound = new Map<ObjectId, { wanted: Wanted, ports: string }>()
  readonly #failed = new Map<ObjectId, { attempt: number, againMs: number }>()

  constructor (ports: PublishingPorts, options: NamesOptions) {
    this.#ports = ports
    this.#options = options
  }

  /** Brings names in line with what runs; to be called when that has changed, and now and then. */
  async update (): Promise<void> {
    const published = new Map([...this.#ports.published()].map(object => [object.id, object]))
    const gone = [...this.#bound.keys()].filter(id => !published.has(id))
    for (const id of this.#failed.keys()) if (!published.has(id)) this.#failed.delete(id)
    const due = [...published.values()].filter(object => this.#isDue(object))
    await mapConcurrently(gone, WIDTH, async id => await this.#withdraw(id))
    await mapConcurrently(due, WIDTH, async object => await this.#publish(object))
  }

  #isDue ({ id, ports }: PublishedObject): boolean {
    const known = this.#bound.get(id)
    const isBound = known !== undefined && this.#ports.bindings.has(known.wanted)
    if (isBound && known.ports === JSON.stringify(ports)) return false
    return (this.#failed.get(id)?.againMs ?? 0) <= this.#ports.clock.monotonicMs()
  }

  async #publish (object: PublishedObject): Promise<void> {
    const { bindings, clock, log, random } = this.#ports
    const { id, ports } = object
    const wanted = this.#wantedOf(object)
    try {
      await bindings.bind(wanted, { isDurable: false })
      this.#bound.set(id, { wanted, ports: JSON.stringify(ports) })
      this.#failed.delete(id)
    } catch (error) {
      if (!isCloudError(error)) throw error
      const attempt = this.#failed.get(id)?.attempt ?? 0
      this.#failed.set(id, { attempt: attempt + 1, againMs: clock.monotonicMs() + backOffMs(RETRY, attempt, random) })
      log.debug('names.not_published', { object: id, code: error.code })
    }
  }

  async #withdraw (id: ObjectId): Promise<void> {
    const { bindings, log } = this.#ports
    const known = this.#bound.get(id)
    if (known === undefined) return
    this.#bound.delete(id)
    try {
      await bindings.withdraw(known.wanted)
    } catch (error) {
      if (!isCloudError(error)) throw error
      log.debug('names.not_withdrawn', { object: id, code: error.code }) // it is forgotten in its time
    }
  }

  #wantedOf ({ id, name, ports, chain }: PublishedObject): Wanted {
    const { access, cloud, self } = this.#ports
    const [base = name, ...labels] = name.split('.')
    const label = labels.length === 0 ? {} : { label: labels.toReversed().join('.') }
    return {
      name: `${base}.${access.homeOf(chain) ?? cloud}`, subject: { kind: 'object', id, node: self, ...label },
      ports, rule: 'both', ttlMs: TTL_MS, keepMs: this.#options.publishedKeepMs, chain
    }
  }
}

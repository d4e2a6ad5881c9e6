import { repeat, SharedWork } from '@welkin/async'
import {
  CloudError, ignoreFault, isCloudError, throwIfAborted, type Cancel, type Clock, type Directory,
  type DirectoryOptions as AskOptions, type Kept, type Keys, type Logger, type Measurement, type Membership,
  type MetricRegister, type Random, type RecordKind, type Service, type Transport, type Zone
} from '@welkin/interface'
import { HandOver } from './hand-over.ts'
import { Holder } from './holder.ts'
import { KnownNodes } from './known-nodes.ts'
import { LookUps } from './look-ups.ts'
import { DIRECTORY_PROTOCOL, type Asker } from './messages.ts'
import { registerMetrics, type DirectoryMetrics } from './metrics.ts'
import type { DirectoryOptions } from './options.ts'
import { Peers } from './peers.ts'
import { Served } from './served.ts'
import { Telling } from './telling.ts'

export interface DirectoryPorts {
  clock: Clock
  random: Random
  keys: Pick<Keys, 'digest'>
  transport: Transport
  membership: Pick<Membership, 'self' | 'site' | 'nodes' | 'life' | 'contacts' | 'sites' | 'summaries'>
  measurement: Pick<Measurement, 'way'>
  log: Logger
  metrics: MetricRegister
}

/** How often what has run out is forgotten. */
const TIDY_PERIOD_MS = 60_000
/** How often a node considers to look for its neighbours in other sites; the first time sooner, by chance. */
const LOOK_AROUND_MS = 10_000

/** A directory over the Transport, kept by all nodes of the cloud. */
export function createDirectory (ports: DirectoryPorts, options: DirectoryOptions): Directory & Service {
  return new KademliaDirectory(ports, options)
}

class KademliaDirectory implements Directory, Service {
  readonly name = 'directory'
  readonly #ports: DirectoryPorts
  readonly #options: DirectoryOptions
  readonly #metrics: DirectoryMetrics
  readonly #peers: Peers
  readonly #holder: Holder
  readonly #telling: Telling
  readonly #served: Served
  readonly #lookUps: LookUps
  readonly #handOver: HandOver
  readonly #gets = new SharedWork<Uint8Array | undefined>()
  readonly #cancels: Cancel[] = []
  #startedMs = Number.NEGATIVE_INFINITY
  #lookedAroundMs = Number.NEGATIVE_INFINITY
  /** Other sites, as of the last look around. */
  #sites: ReadonlySet<Zone> = new Set()

  constructor (given: DirectoryPorts, options: DirectoryOptions) {
    const ports = { ...given, random: given.random.fork('directory') }
    const { clock, keys, membership, transport } = ports
    this.#ports = ports
    this.#options = options
    const metrics = this.#metrics = registerMetrics(ports.metrics)
    const asker = (): Asker => ({ addresses: transport.addresses(), upMs: clock.monotonicMs() - this.#startedMs })
    const known = new KnownNodes(membership, keys, {
      addresses: () => transport.addresses(), bucketSize: options.bucketSize
    })
    const peers = this.#peers = new Peers({ ...ports, known, metrics }, options)
    const telling: Telling = this.#telling = new Telling({ clock, known, peers, holder: () => holder }, options)
    const holder: Holder = this.#holder = new Holder(
      { clock, keys, known }, options, (held, from) => telling.changed(held, from))
    this.#served = new Served({
      clock, known, holder, metrics, leases: telling.leases,
      isYoung: () => this.#isYoung(),
      onTold: (kind, key, record) => telling.told(kind, key, record)
    }, options)
    this.#lookUps = new LookUps({ clock, known, holder, peers, metrics, asker }, options)
    this.#handOver = new HandOver({ ...ports, known, holder, peers, metrics }, options)
  }

  async start (): Promise<void> {
    const { clock, random, transport } = this.#ports
    this.#startedMs = clock.monotonicMs()
    this.#cancels.push(
      transport.serve(DIRECTORY_PROTOCOL, {
        request: async (payload, { peer }) => this.#served.answer(payload, peer),
        channel: async () => { throw new CloudError('EPROTO', 'The directory is asked by requests, not by channels.') }
      }),
      this.#peers.start(),
      this.#handOver.start(),
      repeat(clock, TIDY_PERIOD_MS, () => this.#tidy(), TIDY_PERIOD_MS * random.unit()),
      repeat(clock, LOOK_AROUND_MS, async () => await this.#lookAround(), LOOK_AROUND_MS * random.unit()))
  }

  async stop (): Promise<void> {
    for (const cancel of this.#cancels.splice(0)) cancel()
  }

  keep (kind: RecordKind): Cancel {
    return this.#holder.keep(kind)
  }

  async put (name: string, key: string, record: Uint8Array, options: AskOptions = {}): Promise<Kept> {
    throwIfAborted(options.signal)
    const { kind } = this.#holder.check(name, key, record)
    if (kind.untilMs(key, record) <= this.#ports.clock.wallMs()) {
      throw new CloudError('EINVAL', 'The record has expired; put one that has not.')
    }
    const { timeoutMs = this.#options.timeoutMs, signal } = options
    return await this.#timed('put', async () => await this.#lookUps.put(kind, key, record, { timeoutMs, signal }))
  }

  async get (
    name: string, key: string, options: AskOptions & { tellMs?: number | undefined } = {}
  ): Promise<Uint8Array | undefined> {
    const kind = this.#holder.kind(name)
    const { timeoutMs = this.#options.timeoutMs, tellMs = 0, signal } = options
    const work = JSON.stringify([name, key, timeoutMs, tellMs])
    const record = await this.#gets.join(work, async until => {
      return await this.#timed('get', async () =>
        await this.#lookUps.get(kind, key, { timeoutMs, tellMs, signal: until }))
    }, { signal })
    if (tellMs > 0) this.#telling.want(name, key, tellMs, record)
    return record
  }

  * held (kind: string): Generator<readonly [key: string, record: Uint8Array]> {
    const nowMs = this.#ports.clock.wallMs()
    for (const { key, record, untilMs } of this.#holder.store.of(kind)) if (untilMs > nowMs) yield [key, record]
  }

  /**
   * In a cloud of several sites a node makes itself known to those nearest to it, which are in any of them, and so
   * comes to know them: often while it is new, when the others may be new as well, and rarely from then on. It goes by
   * way of each site at first, and of each that has come (back) later.
   */
  async #lookAround (): Promise<void> {
    const { clock, membership } = this.#ports
    const { refreshPeriodMs, timeoutMs } = this.#options
    const nowMs = clock.monotonicMs()
    const rarelyMs = this.#holder.store.size > 0 ? refreshPeriodMs : 2 * refreshPeriodMs
    if (nowMs < this.#lookedAroundMs + Math.min(rarelyMs, nowMs - this.#startedMs)) return
    this.#lookedAroundMs = nowMs
    const sites = await membership.summaries({ timeoutMs })
    const others = sites.filter(({ site }) => site !== membership.site)
    if (others.length === 0) return
    const unasked = this.#isYoung() ? others : others.filter(({ site }) => !this.#sites.has(site))
    this.#sites = new Set(others.map(({ site }) => site))
    await this.#lookUps.neighbours(unasked, { timeoutMs }).catch(ignoreFault)
  }

  #isYoung (): boolean {
    return this.#ports.clock.monotonicMs() < this.#startedMs + this.#options.settleMs
  }

  #tidy (): void {
    const { store } = this.#holder
    store.expire(this.#ports.clock.wallMs())
    this.#telling.expire()
    this.#peers.expire()
    this.#metrics.records.set(store.size)
    this.#metrics.bytes.set(store.bytes)
  }

  async #timed<T> (what: 'get' | 'put', work: () => Promise<T>): Promise<T> {
    const { clock } = this.#ports
    const startedMs = clock.monotonicMs()
    let outcome = 'done'
    try {
      return await work()
    } catch (error) {
      outcome = isCloudError(error) ? error.code : 'EFAULT'
      throw error
    } finally {
      this.#metrics.looks.add(1, { what, outcome })
      this.#metrics.seconds.observe((clock.monotonicMs() - startedMs) / 1000, { what })
    }
  }
}

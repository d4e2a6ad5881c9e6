import type { ArgsOf, CallOptions, ReplyOf, Syscalls } from '@welkin/abi'
import { repeat, withDeadline } from '@welkin/async'
import {
  canonicalName, CloudError, isCloudError, SILENT, type Cancel, type Clock, type Logger, type Random, type Resolved,
  type Resolver
} from '@welkin/interface'
import { endpointsOf } from './endpoints.ts'
import { follow, type Believed } from './follow.ts'
import type { NamingOptions } from './options.ts'
import { nearestFirst } from './order.ts'
import { Places } from './places.ts'
import { isSameMeaning, Records, type Known } from './records.ts'
import { Watching, type NameNews } from './watching.ts'

export interface NamingPorts {
  syscalls: Pick<Syscalls, 'name' | 'find'>
  clock: Clock
  /** Spreads load over what is equally near; left out: what was bound first comes first. */
  random?: Random | undefined
  log?: Logger | undefined
}

export type ResolveOptions = Parameters<Resolver['resolve']>[1]

/** Names, for whoever looks for something or has something to be found. */
export interface Naming extends Resolver {
  /** Lets a name stand for something. Rejects EACCES, EEXIST, ENOENT, EINVAL. */
  bind (args: ArgsOf<'name.bind'>, options?: CallOptions): Promise<ReplyOf<'name.bind'>>
  /** Rejects EACCES, ENOENT, EINVAL. */
  unbind (args: ArgsOf<'name.unbind'>, options?: CallOptions): Promise<ReplyOf<'name.unbind'>>
  /** The names in a domain, as they were bound: aliases are not followed. */
  list (args?: ArgsOf<'name.list'>, options?: CallOptions): Promise<ReplyOf<'name.list'>>
  /** What names stand for, now and whenever that changes, as they were bound. */
  watch (names: readonly string[], options?: CallOptions): AsyncIterable<NameNews>
  /** Calls `listener` with a name, as it was asked for, when it is heard that it stands for something else. */
  onChanged (listener: (name: string) => void): Cancel
  /** Watches no more. */
  stop (): void
}

interface Asking { promise: Promise<Believed>, isOvertaken: boolean }

/** Remembers what names stand for, each for its TTL, and hears of changes by one conversation. */
export class CachedNaming implements Naming {
  readonly #ports: NamingPorts & { log: Logger }
  readonly #options: NamingOptions
  readonly #records: Records
  readonly #places: Places
  readonly #watching: Watching
  readonly #asking = new Map<string, Asking>()
  readonly #listeners = new Set<(name: string) => void>()
  #cancelIdle: Cancel | undefined
  #stopped = false

  constructor (ports: NamingPorts, options: NamingOptions) {
    const { syscalls, clock, random, log = SILENT } = ports
    this.#ports = { ...ports, log }
    this.#options = options
    this.#records = new Records(options)
    this.#places = new Places({ syscalls, clock, log }, options)
    this.#watching = new Watching({ syscalls, clock, random, log }, news => this.#hear(news))
  }

  async resolve (
    name: string, { fresh = false, signal, timeoutMs: givenMs }: ResolveOptions = {}
  ): Promise<Resolved> {
    const timeoutMs = givenMs ?? this.#options.timeoutMs
    const full = canonicalName(name)
    const what = `Finding ${full}`
    return await withDeadline(this.#ports.clock, { timeoutMs, signal, what }, async () =>
      await this.#resolve(full, fresh))
  }

  async bind (args: ArgsOf<'name.bind'>, options?: CallOptions): Promise<ReplyOf<'name.bind'>> {
    return await this.#ports.syscalls.name.bind({ ...args, name: canonicalName(args.name) }, options)
  }

  async unbind (args: ArgsOf<'name.unbind'>, options?: CallOptions): Promise<ReplyOf<'name.unbind'>> {
    return await this.#ports.syscalls.name.unbind({ ...args, name: canonicalName(args.name) }, options)
  }

  async list (args: ArgsOf<'name.list'> = {}, options?: CallOptions): Promise<ReplyOf<'name.list'>> {
    const under = args.under === undefined ? {} : { under: canonicalName(args.under) }
    return await this.#ports.syscalls.name.list({ ...args, ...under }, options)
  }

  watch (names: readonly string[], options?: CallOptions): AsyncIterable<NameNews> {
    return this.#ports.syscalls.name.watch({ names: names.map(canonicalName) }, options)
  }

  onChanged (listener: (name: string) => void): Cancel {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  stop (): void {
    this.#stopped = true
    this.#cancelIdle?.()
    this.#watching.stop()
    this.#listeners.clear()
  }

  async #resolve (full: string, fresh: boolean): Promise<Resolved> {
    const { name, entries, ttlMs } = await follow(full, async at =>
      await (fresh ? this.#ask(at, () => false, { fresh }) : this.#believed(at)))
    const nodes = new Set(entries.flatMap(({ node }) => node ?? []))
    const endpoints = endpointsOf(entries, await this.#places.of([...nodes]))
    if (endpoints.length === 0) {
      throw new CloudError('EHOSTDOWN', `All that ${name} stands for is on nodes that are down; ask again later.`)
    }
    return { name, endpoints: nearestFirst(endpoints, this.#ports.random), ttlMs }
  }

  /** What the name stands for: remembered, or asked for once, whoever wants to know. */
  async #believed (name: string): Promise<Believed> {
    const nowMs = this.#ports.clock.monotonicMs()
    const known = this.#records.use(name, nowMs)
    if (known?.nothing !== undefined) throw known.nothing
    if (known !== undefined) return { record: known.record, ttlMs: known.untilMs - nowMs }
    const asking = this.#asking.get(name)
    if (asking !== undefined) return await asking.promise
    const begun: Asking = { promise: this.#ask(name, () => begun.isOvertaken), isOvertaken: false }
    this.#asking.set(name, begun)
    try {
      return await begun.promise
    } finally {
      this.#asking.delete(name)
    }
  }

  /** `isOvertaken`: newer news of the name came by the conversation meanwhile. */
  async #ask (name: string, isOvertaken: () => boolean, { fresh = false } = {}): Promise<Believed> {
    const { clock, syscalls } = this.#ports
    const { nothingTtlMs, timeoutMs } = this.#options
    try {
      const record = await syscalls.name.resolve(fresh ? { name, fresh } : { name }, { timeoutMs })
      const nowMs = clock.monotonicMs()
      if (!isOvertaken()) this.#keep(name, { record, untilMs: nowMs + record.ttlMs }, nowMs)
      return { record, ttlMs: record.ttlMs }
    } catch (error) {
      const nowMs = clock.monotonicMs()
      if (isCloudError(error, 'ENOENT') && !isOvertaken()) {
        this.#keep(name, { nothing: error, untilMs: nowMs + nothingTtlMs }, nowMs)
      }
      throw error
    }
  }

  #keep (name: string, known: Known, nowMs: number): void {
    const before = this.#records.last(name)
    const crowdedOut = this.#records.keep(name, known, nowMs)
    if (before !== undefined && !isSameMeaning(before.record, known.record)) this.#tell(name)
    if (!this.#options.watched || this.#stopped) return
    // What stands for nothing is soon asked for again, or by nobody.
    if (known.record === undefined) this.#watching.forget(name)
    else this.#watching.want(name)
    if (crowdedOut !== undefined) this.#watching.forget(crowdedOut)
    this.#cancelIdle ??= repeat(this.#ports.clock, this.#options.idleMs, () => this.#dropIdle())
  }

  #hear ({ asked, ...record }: NameNews): void {
    const nowMs = this.#ports.clock.monotonicMs()
    const asking = this.#asking.get(asked)
    if (asking !== undefined) asking.isOvertaken = true
    const before = this.#records.last(asked)
    if (before === undefined) return
    const isNothing = record.entries.length === 0
    const nothing = new CloudError('ENOENT', `${asked} stands for nothing any more; bind it to something.`)
    const known: Known = isNothing
      ? { nothing, untilMs: nowMs + this.#options.nothingTtlMs }
      : { record, untilMs: nowMs + record.ttlMs }
    this.#records.keep(asked, known, nowMs, { isNews: true })
    if (!isSameMeaning(before.record, known.record)) this.#tell(asked)
  }

  #tell (name: string): void {
    for (const listener of this.#listeners) listener(name)
  }

  #dropIdle (): void {
    const nowMs = this.#ports.clock.monotonicMs()
    for (const name of this.#records.dropIdle(nowMs - this.#options.idleMs)) this.#watching.forget(name)
  }
}

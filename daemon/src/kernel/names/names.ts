import { repeat } from '@welkin/async'
import {
  canonicalName, CloudError, ignoreFault, isCloudError, isInDomain, type AbortOptions, type Cancel, type Clock,
  type Directory, type Disk, type Events, type Keys, type Logger, type Membership, type MetricRegister,
  type PublishedObject, type Random, type Service
} from '@welkin/interface'
import type { Access, Locator } from '../../dispatch/index.ts'
import { Bindings, type Wanted } from './bindings.ts'
import type { Entry } from './entry.ts'
import { LookUps } from './look-ups.ts'
import { registerMetrics } from './metrics.ts'
import type { NamesOptions } from './options.ts'
import { OWN_TTL_MS, OwnNames } from './own-names.ts'
import { Publishing } from './publishing.ts'
import { NameRecords } from './record.ts'
import { standing } from './rules.ts'
import type { StandingEntry, StandingRecord } from './standing-entry.ts'

/** What happens to objects that changes which of them have names. */
const TELLING = ['objectStarted', 'objectExposed', 'objectExited', 'objectRemoved', 'objectRecovered', 'objectMoved']

export interface NamesPorts {
  access: Access
  clock: Clock
  directory: Directory
  disk: Disk
  events: Events
  keys: Keys
  locator: Pick<Locator, 'locate'>
  log: Logger
  membership: Pick<Membership, 'everyone'>
  metrics: MetricRegister
  random: Random
  /** The label by which all names of this cloud end. */
  cloud: string
  published: () => Iterable<PublishedObject>
}

/** What names stand for; what this node binds stays bound as long as it runs. */
export interface Names extends Service {
  /** What somebody may mean by a name: it in full, or in the chain's own domain, or in the cloud's. Throws EINVAL. */
  fullNames (text: string, chain: readonly Uint8Array[]): readonly string[]
  /** Rejects EEXIST, EINVAL (by the name's rule), EACCES, EHOSTDOWN, ETIMEDOUT, EAGAIN, E2BIG, ENOSPC, EIO. */
  bind (wanted: Wanted, options?: AbortOptions): Promise<{ entry: Entry, holders: number }>
  /** How many of the entries that `isMeant` were taken back. Rejects ENOENT where none was, and as `bind` does. */
  unbind (
    name: string, isMeant: (entry: Entry) => boolean, chain: readonly Uint8Array[], options?: AbortOptions
  ): Promise<number>
  /** What a full name stands for now; nothing: no entries. Rejects EHOSTDOWN, ETIMEDOUT, EINVAL. */
  standing (name: string, options?: AbortOptions & { fresh?: boolean }): Promise<StandingRecord>
  /** Calls `listener` when what a full name stands for may have changed. */
  watch (name: string, listener: () => void): Cancel
  /** Names that this node keeps for others, in a domain. */
  held (domain: string): StandingRecord[]
}

export function createNames (ports: NamesPorts, options: NamesOptions): Names {
  return new CloudNames(ports, options)
}

class CloudNames implements Names {
  readonly name = 'names'
  readonly #ports: NamesPorts
  readonly #options: NamesOptions
  readonly #records: NameRecords
  readonly #lookUps: LookUps
  readonly #bindings: Bindings
  readonly #own: OwnNames
  readonly #publishing: Publishing
  readonly #cancels: Cancel[] = []
  #publishes: 'no' | 'yes' | 'again' = 'no'

  constructor (ports: NamesPorts, options: NamesOptions) {
    this.#ports = ports
    this.#options = options
    const metrics = registerMetrics(ports.metrics)
    const random = ports.random.fork('names')
    this.#records = new NameRecords({ ...ports, changed: (name, entries) => { this.#lookUps.hear(name, entries) } })
    this.#lookUps = new LookUps({ ...ports, metrics, records: () => this.#records }, options)
    this.#bindings = new Bindings({ ...ports, metrics, lookUps: this.#lookUps }, options)
    this.#own = new OwnNames(ports)
    this.#publishing = new Publishing({ ...ports, random, bindings: this.#bindings, self: ports.keys.self }, options)
  }

  async start (): Promise<void> {
    const { clock, directory, events } = this.#ports
    this.#cancels.push(directory.keep(this.#records))
    await this.#bindings.load()
    this.#cancels.push(
      events.subscribe(({ type }) => { if (TELLING.includes(type)) void this.#publish() }),
      repeat(clock, this.#options.tendPeriodMs, async () => await this.#tend())
    )
  }

  async stop (): Promise<void> {
    for (const cancel of this.#cancels.splice(0)) cancel()
    this.#bindings.stop()
  }

  fullNames (text: string, chain: readonly Uint8Array[]): readonly string[] {
    const { access, cloud } = this.#ports
    const name = canonicalName(text)
    if (isInDomain(name, cloud)) return [name]
    const home = access.homeOf(chain)
    return home === undefined || home === cloud ? [`${name}.${cloud}`] : [`${name}.${home}`, `${name}.${cloud}`]
  }

  async bind (wanted: Wanted, options: AbortOptions = {}): Promise<{ entry: Entry, holders: number }> {
    const { events } = this.#ports
    if (this.#own.includes(wanted.name)) {
      throw new CloudError('EINVAL', `${wanted.name} is what the cloud itself calls something; bind another name.`)
    }
    const bound = await this.#bindings.bind(wanted, { isDurable: true, ...options })
    events.emit('nameBound', { name: wanted.name, to: `${wanted.subject.kind} ${wanted.subject.id}` })
    return bound
  }

  async unbind (
    name: string, isMeant: (entry: Entry) => boolean, chain: readonly Uint8Array[], options: AbortOptions = {}
  ): Promise<number> {
    const { clock, events } = this.#ports
    const said = await this.#lookUps.entriesOf(name, { fresh: true, ...options })
    const meant = standing(said, clock.wallMs()).entries.filter(isMeant)
    if (meant.length === 0) {
      const message = `Nothing of the kind is bound to ${name}; see "welkin name ls".`
      throw new CloudError('ENOENT', message, { fields: { name } })
    }
    await this.#bindings.unbind(name, meant, chain, options)
    events.emit('nameUnbound', { name })
    return meant.length
  }

  async standing (name: string, options: AbortOptions & { fresh?: boolean } = {}): Promise<StandingRecord> {
    if (this.#own.includes(name)) return { name, rule: 'both', ...await this.#own.entriesOf(name, options) }
    const own = await this.#recordOf(name, await this.#lookUps.entriesOf(name, options), options)
    const [label, ...rest] = name.split('.')
    if (own.entries.length > 0 || rest.length < 2) return own
    // One of several that share a name: 2.web.acme is that one of web.acme.
    const shared = rest.join('.')
    const several = await this.#recordOf(shared, await this.#lookUps.entriesOf(shared, options), options)
    return { ...several, name, entries: several.entries.filter(entry => entry.label === label) }
  }

  watch (name: string, listener: () => void): Cancel {
    if (this.#own.includes(name)) return repeat(this.#ports.clock, OWN_TTL_MS, listener)
    const shared = name.split('.').slice(1).join('.')
    const names = shared.includes('.') ? [name, shared] : [name]
    const cancels = names.map(watched => this.#lookUps.watch(watched, listener))
    return () => { for (const cancel of cancels) cancel() }
  }

  held (domain: string): StandingRecord[] {
    const { directory } = this.#ports
    return [...directory.held(this.#records.name)].flatMap(([name, record]) => {
      if (!isInDomain(name, domain)) return []
      const told = this.#told(name, this.#records.open(record))
      return told.entries.length === 0 ? [] : [told]
    })
  }

  /** What was bound by hand to an object is where that is now. */
  async #recordOf (name: string, entries: readonly Entry[], options: AbortOptions): Promise<StandingRecord> {
    const told = this.#told(name, entries)
    const located = told.entries.map(async entry => {
      const isPublished = entries.some(({ subject, signer }) => subject.id === entry.object && subject.node === signer)
      if (entry.object === undefined || isPublished) return entry
      return { ...entry, node: await this.#nodeOf(entry.object, options) ?? entry.node }
    })
    return { ...told, entries: await Promise.all(located) }
  }

  async #nodeOf (object: string, { signal }: AbortOptions): Promise<string | undefined> {
    try {
      return (await this.#ports.locator.locate(object, { signal })).node
    } catch (error) {
      if (!isCloudError(error, 'ENOENT', 'EHOSTDOWN', 'ETIMEDOUT')) throw error
      return undefined
    }
  }

  #told (name: string, said: readonly Entry[]): StandingRecord {
    const { rule, entries } = standing(said.filter(entry => this.#isPermitted(entry)), this.#ports.clock.wallMs())
    const ttlMs = entries.length === 0 ? this.#options.absentMs : Math.min(...entries.map(entry => entry.ttlMs))
    return { name, rule, entries: entries.map(entry => this.#entryOf(entry)), ttlMs }
  }

  #entryOf ({ name, subject, ports, signer, chain, boundAtMs, untilMs }: Entry): StandingEntry {
    const { access } = this.#ports
    const { kind, id, node, label } = subject
    const to = { object: { object: id, node }, node: { node: id }, blob: { blob: id }, alias: { alias: id } }[kind]
    return {
      ...to, ...label === undefined ? {} : { label }, ports: { ...ports },
      by: access.binderOf(signer, chain, name).principal, boundAtMs, untilMs
    }
  }

  /** What permits a binding can be taken back before its time. */
  #isPermitted ({ signer, chain, name }: Entry): boolean {
    try {
      this.#ports.access.binderOf(signer, chain, name)
      return true
    } catch (error) {
      if (!isCloudError(error, 'EACCES')) throw error
      return false
    }
  }

  async #tend (): Promise<void> {
    await this.#publish()
    await this.#bindings.renew()
    await this.#lookUps.refresh()
  }

  /** One round at a time; what happens meanwhile takes another. */
  async #publish (): Promise<void> {
    if (this.#publishes !== 'no') {
      this.#publishes = 'again'
      return
    }
    do {
      this.#publishes = 'yes'
      await this.#publishing.update().catch(ignoreFault)
    } while (this.#publishes !== 'yes')
    this.#publishes = 'no'
  }
}

import { mapConcurrently } from '@welkin/async'
import { decode, encode } from '@welkin/abi'
import {
  CloudError, isCloudError, type AbortOptions, type Cancel, type Clock, type Directory, type Disk, type Events,
  type Keys, type Logger
} from '@welkin/interface'
import type { Access } from '../../dispatch/index.ts'
import { openEntry, sealEntry, subjectKey, type Binding, type Entry } from './entry.ts'
import type { LookUps } from './look-ups.ts'
import type { NamesMetrics } from './metrics.ts'
import type { NamesOptions } from './options.ts'
import { encodeEntries, LIFE_MS_MAX } from './record.ts'
import { refusalOf, standing } from './rules.ts'

const PREFIX = 'names/bound/'
const RENEWED_MAX = 16

/** What is to be bound. */
export interface Wanted extends Pick<Binding, 'name' | 'subject' | 'ports' | 'rule' | 'ttlMs' | 'chain'> {
  /** It lasts so long without being said again, milliseconds. */
  readonly keepMs: number
}

interface Bound extends Wanted {
  entry: Entry
  /** In this life of the node: the holders may have ended with it, all at once. */
  isSaid: boolean
  /** Survives this life of the node. */
  readonly isDurable: boolean
  /** Ends the attention to what others say of the name. */
  ignore: Cancel
}

export interface BindingsPorts {
  access: Access
  clock: Clock
  directory: Directory
  disk: Disk
  events: Events
  keys: Keys
  log: Logger
  lookUps: LookUps
  metrics: NamesMetrics
}

/** What this node has bound: said to the holders, and said again before it would be forgotten. */
export class Bindings {
  readonly #ports: BindingsPorts
  readonly #options: NamesOptions
  readonly #bound = new Map<string, Bound>()

  constructor (ports: BindingsPorts, options: NamesOptions) {
    this.#ports = ports
    this.#options = options
  }

  /** Takes up what earlier lives have bound for others. Rejects EIO. */
  async load (): Promise<void> {
    const { disk, log } = this.#ports
    for (const { key, value } of await disk.records.list(PREFIX)) {
      try {
        const [wire, keepMs] = decode(value) as [Uint8Array, number]
        const entry = openEntry(wire)
        this.#note({ ...entry, keepMs, entry, isSaid: false, isDurable: true, ignore: () => {} })
      } catch (error) {
        if (!isCloudError(error, 'EPROTO')) throw error
        log.warn('names.binding_unreadable', { key })
      }
    }
  }

  stop (): void {
    for (const { ignore } of this.#bound.values()) ignore()
  }

  /** Whether this node has bound that. */
  has (binding: Pick<Binding, 'name' | 'subject'>): boolean {
    return this.#bound.has(keyOf(binding))
  }

  /**
   * Binds; resolves when most holders know. Of what does not hold beside it, it is said that it does no more. Rejects
   * EEXIST, EINVAL (by the rule), EACCES, EHOSTDOWN, ETIMEDOUT, EAGAIN, E2BIG, ENOSPC, EIO.
   */
  async bind (
    wanted: Wanted, { isDurable, signal }: AbortOptions & { isDurable: boolean }
  ): Promise<{ entry: Entry, holders: number }> {
    const { clock, lookUps } = this.#ports
    this.#checkRoom(wanted, isDurable)
    const said = await lookUps.entriesOf(wanted.name, { fresh: true, signal })
    const now = standing(said, clock.wallMs())
    const refusal = refusalOf(now, wanted)
    if (refusal !== undefined) {
      throw new CloudError(refusal.code, `${wanted.name} cannot be bound: ${refusal.why}.`, {
        fields: { name: wanted.name, rule: now.rule }
      })
    }
    const same = now.entries.find(entry => subjectKey(entry) === subjectKey(wanted))
    const entry = this.#say(wanted, said, { boundAtMs: same?.boundAtMs ?? clock.wallMs() })
    const replaced = wanted.rule === 'both' ? [] : now.entries.filter(other => other !== same)
    const removals = replaced.map(other => this.#say({ ...other, chain: wanted.chain }, said, { removed: true }))
    const holders = await this.#tell(wanted.name, [entry, ...removals], signal)
    await this.#keep({ ...wanted, entry, isSaid: true, isDurable, ignore: () => {} })
    return { entry, holders }
  }

  /** Says that these hold no more; resolves when most holders know. Rejects as `bind` does. */
  async unbind (
    name: string, meant: readonly Entry[], chain: readonly Uint8Array[], { signal }: AbortOptions = {}
  ): Promise<void> {
    const said = await this.#ports.lookUps.entriesOf(name, { signal })
    await this.#tell(name, meant.map(entry => this.#say({ ...entry, chain }, said, { removed: true })), signal)
    for (const entry of meant) await this.drop(entry)
  }

  /** The same of what this node itself has bound, and nobody else meanwhile. */
  async withdraw (binding: Pick<Binding, 'name' | 'subject'>): Promise<void> {
    const bound = this.#bound.get(keyOf(binding))
    if (bound === undefined) return
    await this.drop(bound)
    // What another node has said since, where the object is now, is newer than this.
    const stampMs = bound.entry.stampMs + 1
    const removal = this.#say({ ...bound, untilMs: bound.entry.untilMs }, [], { removed: true, stampMs })
    await this.#tell(bound.name, [removal], undefined)
  }

  /** Says no more of it; what was said ends in its time. */
  async drop (binding: Pick<Binding, 'name' | 'subject'>): Promise<void> {
    const key = keyOf(binding)
    const bound = this.#bound.get(key)
    if (bound === undefined) return
    this.#bound.delete(key)
    bound.ignore()
    if (bound.isDurable) await this.#ports.disk.records.write([{ key: PREFIX + key, value: undefined }])
  }

  /** Says again what would be forgotten before long; to be called now and then. */
  async renew (): Promise<void> {
    const nowMs = this.#ports.clock.wallMs()
    const due = [...this.#bound.values()].filter(({ entry, isSaid, keepMs }) =>
      !isSaid || entry.untilMs - nowMs < keepMs / 2)
    await mapConcurrently(due, RENEWED_MAX, async bound => await this.#renew(bound))
  }

  async #renew (bound: Bound): Promise<void> {
    const { clock, log, metrics } = this.#ports
    const { entry, name } = bound
    try {
      const again = this.#say(bound, [entry], { boundAtMs: entry.boundAtMs })
      // By a chain that ends sooner than that, it can be said no longer.
      const isLast = again.untilMs <= entry.untilMs
      if (entry.untilMs <= clock.wallMs()) return await this.drop(bound)
      if (isLast && bound.isSaid) return
      await this.#tell(name, [isLast ? entry : again], undefined)
      bound.isSaid = true
      if (isLast) return
      bound.entry = again
      if (bound.isDurable) await this.#write(bound)
    } catch (error) {
      if (!isCloudError(error)) throw error
      metrics.notBound.add()
      log.debug('names.not_renewed', { name, code: error.code })
      if (isCloudError(error, 'EACCES')) await this.drop(bound)
    }
  }

  /** What is said now of a subject; newer than all that was said of it. */
  #say (
    { chain, ...wanted }: Omit<Binding, 'signer' | 'stampMs' | 'untilMs' | 'removed' | 'boundAtMs'> &
      { keepMs?: number, untilMs?: number, boundAtMs?: number },
    said: readonly Entry[], { boundAtMs = wanted.boundAtMs ?? 0, removed = false, stampMs: given }: {
      boundAtMs?: number, removed?: boolean, stampMs?: number
    }
  ): Entry {
    const { access, clock, keys } = this.#ports
    const nowMs = clock.wallMs()
    const earlier = said.find(other => subjectKey(other) === subjectKey(wanted))
    const stampMs = given ?? Math.max(nowMs, (earlier?.stampMs ?? 0) + 1)
    const end = access.binderOf(keys.self, chain, wanted.name).untilMs
    // That it is gone must be known for as long as somebody may still hold that it is not.
    const wantedUntilMs = removed ? Math.max(nowMs + this.#options.publishedKeepMs, wanted.untilMs ?? 0)
      : nowMs + (wanted.keepMs ?? 0)
    const untilMs = Math.min(wantedUntilMs, stampMs + LIFE_MS_MAX, end)
    return sealEntry({ ...wanted, chain, boundAtMs, stampMs, untilMs, removed }, keys)
  }

  async #tell (name: string, entries: readonly Entry[], signal: AbortSignal | undefined): Promise<number> {
    const { directory, lookUps, metrics } = this.#ports
    const { timeoutMs } = this.#options
    const { holders } = await directory.put('names', name, encodeEntries(entries), { timeoutMs, signal })
    metrics.bound.add()
    lookUps.hear(name, entries)
    return holders
  }

  async #keep (bound: Bound): Promise<void> {
    await this.drop(bound)
    if (bound.isDurable) await this.#write(bound)
    this.#note(bound)
  }

  async #write (bound: Bound): Promise<void> {
    const value = encode([bound.entry.wire, bound.keepMs])
    await this.#ports.disk.records.write([{ key: PREFIX + keyOf(bound), value }])
  }

  #note (bound: Bound): void {
    const { lookUps } = this.#ports
    this.#bound.set(keyOf(bound), bound)
    // Where all hold, what others bind takes nothing away.
    if (bound.rule === 'both') return
    bound.ignore = lookUps.watch(bound.name, entries => { void this.#compare(bound, entries) })
  }

  /** Others say something else: by the rule this node's own binding holds, or it is lost. */
  async #compare (bound: Bound, entries: readonly Entry[]): Promise<void> {
    const { clock, events, keys } = this.#ports
    const key = subjectKey(bound)
    const own = entries.find(entry => subjectKey(entry) === key)
    if (own === undefined || this.#bound.get(keyOf(bound)) !== bound) return
    const { rule, entries: holding } = standing(entries, clock.wallMs())
    if (holding.some(entry => subjectKey(entry) === key)) return
    await this.drop(bound)
    const [holder] = holding
    if (holder === undefined || own.removed || own.signer !== keys.self) return
    events.emit('nameLost', { name: bound.name, rule, to: holder.signer, subject: key })
  }

  #checkRoom (wanted: Wanted, isDurable: boolean): void {
    if (!isDurable || this.has(wanted) || this.#bound.size < this.#options.boundMax) return
    throw new CloudError('EAGAIN', 'This node keeps as many names bound as it may; bind it at another, or unbind some.')
  }
}

function keyOf ({ name, subject }: Pick<Binding, 'name' | 'subject'>): string {
  return `${name} ${subjectKey({ subject })}`
}

import { putBounded } from '@welkin/async'
import { ignoreFault, type AbortOptions, type Cancel, type Clock, type Directory } from '@welkin/interface'
import type { Entry } from './entry.ts'
import type { NamesMetrics } from './metrics.ts'
import type { NamesOptions } from './options.ts'
import { mergeEntries, type NameRecords } from './record.ts'
import { standing } from './rules.ts'

/** Watched names that are asked for again at a time. */
const REFRESHED_MAX = 32

export interface LookUpsPorts {
  clock: Clock
  directory: Directory
  /** Of the kind that the directory keeps. */
  records: () => NameRecords
  metrics: NamesMetrics
}

export type Listener = (entries: readonly Entry[]) => void

interface Remembered {
  entries: readonly Entry[]
  /** Monotonic clock: until then nobody is asked. */
  untilMs: number
}

interface Watched {
  readonly listeners: Set<Listener>
  /** When its holders must be asked again, lest they stop telling. */
  dueMs: number
}

/**
 * What names stand for, as far as this node knows: asked of their holders, remembered for a while, and corrected by the
 * holders meanwhile.
 */
export class LookUps {
  readonly #ports: LookUpsPorts
  readonly #options: NamesOptions
  readonly #remembered = new Map<string, Remembered>()
  readonly #watched = new Map<string, Watched>()

  constructor (ports: LookUpsPorts, options: NamesOptions) {
    this.#ports = ports
    this.#options = options
  }

  /** All that was said of a name, removals too. Rejects EHOSTDOWN, ETIMEDOUT. */
  async entriesOf (
    name: string, { fresh = false, signal }: AbortOptions & { fresh?: boolean } = {}
  ): Promise<readonly Entry[]> {
    const known = this.#remembered.get(name)
    if (!fresh && known !== undefined && known.untilMs > this.#ports.clock.monotonicMs()) {
      this.#ports.metrics.remembered.add()
      return known.entries
    }
    return await this.#ask(name, signal)
  }

  /** Holders, or this node itself, have something to say of a name. */
  hear (name: string, entries: readonly Entry[]): void {
    const known = this.#remembered.get(name)
    const merged = known === undefined ? entries : mergeEntries(known.entries, entries)
    this.#remember(name, merged)
    for (const listener of this.#watched.get(name)?.listeners ?? []) listener(merged)
  }

  /** Tells of every change from now on, and has the holders asked for as long as somebody listens. */
  watch (name: string, listener: Listener): Cancel {
    const watched = this.#watched.get(name) ?? { listeners: new Set(), dueMs: 0 }
    watched.listeners.add(listener)
    this.#watched.set(name, watched)
    return () => {
      watched.listeners.delete(listener)
      if (watched.listeners.size === 0) this.#watched.delete(name)
    }
  }

  /** Asks again for watched names whose time has come; to be called now and then. */
  async refresh (): Promise<void> {
    const nowMs = this.#ports.clock.monotonicMs()
    const due = [...this.#watched].filter(([, { dueMs }]) => dueMs <= nowMs).slice(0, REFRESHED_MAX)
    await Promise.all(due.map(async ([name, watched]) => {
      watched.dueMs = nowMs + this.#options.tellMs / 2
      await this.#ask(name, undefined).catch((error: unknown) => {
        ignoreFault(error)
        watched.dueMs = nowMs + this.#options.tendPeriodMs
      })
    }))
  }

  async #ask (name: string, signal: AbortSignal | undefined): Promise<readonly Entry[]> {
    const { directory, metrics, records } = this.#ports
    const { tellMs, timeoutMs } = this.#options
    metrics.lookedUp.add()
    const record = await directory.get('names', name, { tellMs, timeoutMs, signal })
    this.hear(name, record === undefined ? [] : records().open(record))
    return this.#remembered.get(name)?.entries ?? []
  }

  #remember (name: string, entries: readonly Entry[]): void {
    const { clock } = this.#ports
    const { absentMs, rememberedMax } = this.#options
    const held = standing(entries, clock.wallMs()).entries
    const ttlMs = held.length === 0 ? absentMs : Math.min(...held.map(entry => entry.ttlMs))
    this.#remembered.delete(name)
    putBounded(this.#remembered, name, { entries, untilMs: clock.monotonicMs() + ttlMs }, rememberedMax)
  }
}

import { CloudError, isCloudError, onAbort, type Cancel } from '@welkin/interface'
import type { StandingRecord } from './standing-entry.ts'

/** In one conversation. */
const WATCHED_MAX = 10_000

export interface WatchingPorts {
  /** What a name as it was given stands for. */
  resolve: (asked: string) => Promise<StandingRecord>
  watch: (asked: string, listener: () => void) => Cancel
}

/**
 * The names that one caller watches. However often a name changes while the caller does not read, it is told of the
 * last state alone.
 */
export class Watching {
  readonly #ports: WatchingPorts
  readonly #watched = new Map<string, { cancel: Cancel, told: string | undefined }>()
  readonly #changed = new Set<string>()
  #wake: () => void = () => {}
  #end: CloudError | 'over' | undefined

  constructor (ports: WatchingPorts) {
    this.#ports = ports
  }

  /** Throws EINVAL for what is no name, E2BIG. */
  add (asked: string): void {
    if (this.#watched.has(asked)) return
    if (this.#watched.size >= WATCHED_MAX) {
      throw new CloudError('E2BIG', `More than ${WATCHED_MAX} names are watched at once; open another conversation.`)
    }
    const cancel = this.#ports.watch(asked, () => { this.#note(asked) })
    this.#watched.set(asked, { cancel, told: undefined })
    this.#note(asked)
  }

  remove (asked: string): void {
    this.#watched.get(asked)?.cancel()
    this.#watched.delete(asked)
    this.#changed.delete(asked)
  }

  /** Ends `tell`, by a failure perhaps. */
  end (why: CloudError | 'over'): void {
    this.#end ??= why
    this.#wake()
  }

  /** Each name once, and again when it has changed; until `end`. */
  async * tell (signal: AbortSignal): AsyncGenerator<StandingRecord & { asked: string }> {
    const ignoreAbort = onAbort(signal, () => { this.end('over') })
    try {
      for (;;) {
        if (this.#end instanceof CloudError) throw this.#end
        if (this.#end !== undefined) return
        const [asked] = this.#changed
        if (asked === undefined) await new Promise<void>(resolve => { this.#wake = resolve })
        else yield * this.#news(asked)
      }
    } finally {
      ignoreAbort()
      for (const { cancel } of this.#watched.values()) cancel()
      this.#watched.clear()
    }
  }

  async * #news (asked: string): AsyncGenerator<StandingRecord & { asked: string }> {
    this.#changed.delete(asked)
    try {
      const record = await this.#ports.resolve(asked)
      const watched = this.#watched.get(asked)
      const lasting = record.entries.map(entry => ({ ...entry, untilMs: 0 }))
      const essence = JSON.stringify([record.name, record.rule, lasting])
      if (watched === undefined || watched.told === essence) return
      watched.told = essence
      yield { ...record, asked }
    } catch (error) {
      // Its holders do not answer now; when they do again, it is heard of.
      if (!isCloudError(error, 'EHOSTDOWN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ECONNRESET')) throw error
    }
  }

  #note (asked: string): void {
    this.#changed.add(asked)
    this.#wake()
  }
}

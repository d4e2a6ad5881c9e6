import { putBounded } from '@welkin/async'
import type { Clock } from '@welkin/interface'

const ENTRIES_MAX = 1000

/** What waits for its next step, for so long and not longer. */
export class Waiting<T> {
  readonly #clock: Clock
  readonly #forMs: number
  readonly #entries = new Map<string, { value: T, untilMs: number }>()

  constructor (clock: Clock, forMs: number) {
    this.#clock = clock
    this.#forMs = forMs
  }

  /** Of too many, the oldest waits no longer. */
  put (id: string, value: T): void {
    putBounded(this.#entries, id, { value, untilMs: this.#clock.monotonicMs() + this.#forMs }, ENTRIES_MAX)
  }

  /** Once. Undefined where it is not there, or no longer. */
  take (id: string): T | undefined {
    const entry = this.#entries.get(id)
    this.#entries.delete(id)
    return entry !== undefined && this.#clock.monotonicMs() < entry.untilMs ? entry.value : undefined
  }
}

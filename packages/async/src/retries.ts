import type { Cancel, Clock, Random } from '@welkin/interface'
import { backOffMs, type BackOff } from './back-off.ts'

export interface RetriesPorts<Key> {
  clock: Clock
  random: Random
  backOff: BackOff
  /** Tries; says whether it works. Never rejects. */
  retry: (key: Key) => Promise<boolean>
}

/** Things that are tried again and again, each less and less often, until they work or are given up. */
export class Retries<Key> {
  readonly #ports: RetriesPorts<Key>
  readonly #cancels = new Map<Key, Cancel>()

  constructor (ports: RetriesPorts<Key>) {
    this.#ports = ports
  }

  /** Whether this is still tried. */
  has (key: Key): boolean {
    return this.#cancels.has(key)
  }

  begin (key: Key): void {
    if (!this.#cancels.has(key)) this.#await(key, 0)
  }

  end (key: Key): void {
    this.#cancels.get(key)?.()
    this.#cancels.delete(key)
  }

  stop (): void {
    for (const key of this.#cancels.keys()) this.end(key)
  }

  #await (key: Key, tries: number): void {
    const { backOff, clock, random } = this.#ports
    this.#cancels.set(key, clock.after(backOffMs(backOff, tries, random), () => { void this.#try(key, tries) }))
  }

  async #try (key: Key, tries: number): Promise<void> {
    const awaited = this.#cancels.get(key)
    const works = await this.#ports.retry(key)
    if (this.#cancels.get(key) !== awaited) return // ended meanwhile, and perhaps begun anew
    if (works) this.end(key)
    else this.#await(key, tries + 1)
  }
}

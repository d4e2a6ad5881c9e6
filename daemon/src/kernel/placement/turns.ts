import { Gate } from '@welkin/async'
import type { AbortOptions } from '@welkin/interface'

/** One piece of work at a time for each key; the others wait in the order of their coming. */
export class Turns {
  readonly #gates = new Map<string, { gate: Gate, users: number }>()

  /** Keys for which something runs or waits. */
  get size (): number {
    return this.#gates.size
  }

  async take<T> (key: string, work: () => Promise<T>, options: AbortOptions = {}): Promise<T> {
    const entry = this.#gates.get(key) ?? { gate: new Gate(1), users: 0 }
    this.#gates.set(key, entry)
    entry.users++
    try {
      return await entry.gate.run(work, options)
    } finally {
      if (--entry.users === 0) this.#gates.delete(key)
    }
  }
}

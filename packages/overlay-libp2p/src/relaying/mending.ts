import { backOffMs } from '@welkin/async'
import type { Cancel, Clock, NodeId, Random } from '@welkin/interface'

/** How often the direct way is tried that did not work. */
const TRIES = { firstMs: 2000, maxMs: 60_000, factor: 2 }

export interface MendingPorts {
  clock: Clock
  random: Random
  /** Tries the direct way to a peer; says whether it works again. */
  retry: (peer: NodeId) => Promise<boolean>
}

/** Tries the direct ways to peers that are reached by detours, less and less often, until they work. */
export class Mending {
  readonly #ports: MendingPorts
  readonly #cancels = new Map<NodeId, Cancel>()

  constructor (ports: MendingPorts) {
    this.#ports = ports
  }

  has (peer: NodeId): boolean {
    return this.#cancels.has(peer)
  }

  begin (peer: NodeId): void {
    if (!this.#cancels.has(peer)) this.#await(peer, 0)
  }

  end (peer: NodeId): void {
    this.#cancels.get(peer)?.()
    this.#cancels.delete(peer)
  }

  stop (): void {
    for (const peer of this.#cancels.keys()) this.end(peer)
  }

  #await (peer: NodeId, tries: number): void {
    const { clock, random } = this.#ports
    this.#cancels.set(peer, clock.after(backOffMs(TRIES, tries, random), () => { void this.#try(peer, tries) }))
  }

  async #try (peer: NodeId, tries: number): Promise<void> {
    const works = await this.#ports.retry(peer)
    if (works) this.end(peer)
    else if (this.#cancels.has(peer)) this.#await(peer, tries + 1)
  }
}

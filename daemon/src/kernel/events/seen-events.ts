import { putBounded } from '@welkin/async'
import type { CloudEvent } from '@welkin/interface'
import { KEPT_MAX } from './event-log.ts'

/**
 * Which events of one node were seen, as far back as a node can tell them again. A node counts from 1 in each of its
 * lives, so that it takes the time as well to know an event. Pure.
 */
export class SeenEvents {
  readonly #atMs = new Map<number, number>()

  /** Whether the event had not been seen; now it has. */
  see ({ sequence, atMs }: CloudEvent): boolean {
    if (this.#atMs.get(sequence) === atMs) return false
    this.#atMs.delete(sequence)
    putBounded(this.#atMs, sequence, atMs, KEPT_MAX)
    return true
  }
}

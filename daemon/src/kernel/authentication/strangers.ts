import { CloudError, type Clock } from '@welkin/interface'
import type { Asked } from '../../dispatch/index.ts'
import { needsCard } from './door.ts'

/** What all strangers together may ask: so much at once, and so much a second in the long run. */
const BURST = 100
const PER_SECOND = 20

/** Lets those who are no members, and show nothing, ask the little that is for everybody, and not too often. */
export class Strangers {
  readonly #clock: Clock
  #left = BURST
  #countedMs = 0

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Throws EACCES, which asks members for their card, or EAGAIN. */
  check ({ strangers }: Asked['row']): void {
    if (strangers !== true) throw needsCard()
    const nowMs = this.#clock.monotonicMs()
    this.#left = Math.min(BURST, this.#left + (nowMs - this.#countedMs) / 1000 * PER_SECOND)
    this.#countedMs = nowMs
    if (this.#left < 1) {
      throw new CloudError('EAGAIN', 'Too many strangers ask this node; try again in a second, or ask another node.')
    }
    this.#left--
  }
}

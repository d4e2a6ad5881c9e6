import type { NodeId } from '@welkin/interface'

/** Somebody who may be the nearest, by an estimate. Milliseconds. */
export interface NearestCandidate { id: NodeId, rttMs: number, errorMs: number }

/** Error bars that a candidate is given the benefit of: those that are near are estimated worst. */
const DOUBT = 3

/**
 * Finds the nearest of some candidates by estimates and a few direct probes (as Meridian refines by probing: Wong et
 * al., SIGCOMM 2005). Whoever may be nearest is probed first; the search ends when nobody left may be nearer than the
 * best that was measured, or when the probes are used up. A machine of steps: who uses it probes, and tells it. Pure.
 */
export class NearestSearch {
  readonly #left: NearestCandidate[]
  readonly #measured: Array<{ id: NodeId, rttMs: number }> = []
  #probesLeft: number

  /** At most `probesMax` probes are asked for. */
  constructor (candidates: readonly NearestCandidate[], probesMax: number) {
    this.#left = candidates.toSorted((a, b) => a.rttMs - b.rttMs)
    this.#probesLeft = probesMax
  }

  /** Whom to probe next; undefined: nobody needs to be. */
  next (): NodeId | undefined {
    const bestMs = Math.min(...this.#measured.map(({ rttMs }) => rttMs))
    const at = this.#left.findIndex(({ rttMs, errorMs }) => rttMs - DOUBT * errorMs < bestMs)
    if (at < 0 || this.#probesLeft === 0) return undefined
    this.#probesLeft--
    return this.#left.splice(at, 1)[0]?.id
  }

  /** What a probe has measured; undefined: no answer, so that it is out of the question. */
  observe (id: NodeId, rttMs: number | undefined): void {
    if (rttMs !== undefined) this.#measured.push({ id, rttMs })
  }

  /** Those that were measured, nearest first, then the others by their estimates. */
  order (): NodeId[] {
    const measured = this.#measured.toSorted((a, b) => a.rttMs - b.rttMs)
    return [...measured, ...this.#left].map(({ id }) => id)
  }
}

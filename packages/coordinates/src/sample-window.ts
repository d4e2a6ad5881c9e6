import type { Coordinate, NodeId } from '@welkin/interface'
import { DIMENSIONS } from './coordinate.ts'

/** Round trips of one peer that are remembered: their lower median is what the way takes when nothing delays. */
const RTTS = 4

/** Where, in the row of a sample, what stands; before it the peer's vector. */
const HEIGHT = DIMENSIONS
const ERROR = DIMENSIONS + 1
const RTT = DIMENSIONS + 2
const AT = DIMENSIONS + 3
export const ROW = DIMENSIONS + 4
export const PLACES = { HEIGHT, ERROR, RTT, AT } as const

/** The latest sample of each of the latest peers, as rows of one flat array: fitting them must not cost memory. */
export class SampleWindow {
  readonly rows: Float64Array
  readonly #peers: NodeId[] = []
  readonly #rttsMs: number[][] = []
  readonly #size: number
  /** Samples so far; also the number of the latest. */
  taken = 0

  constructor (size: number) {
    this.#size = size
    this.rows = new Float64Array(size * ROW)
  }

  /** Rows in use. */
  get count (): number {
    return this.#peers.length
  }

  /**
   * In place of the peer's earlier sample, else of the oldest. One that is measured again before half of the others
   * were keeps its number: peers that are spoken to all the time must not make the others look old.
   */
  put (peer: NodeId, { vector, heightMs, error }: Coordinate, rttMs: number): void {
    const known = this.#peers.indexOf(peer)
    const index = known >= 0 ? known : this.count < this.#size ? this.count : this.#oldest()
    const rttsMs = known >= 0 ? this.#rttsMs[index] as number[] : []
    rttsMs.push(rttMs)
    if (rttsMs.length > RTTS) rttsMs.shift()
    this.#peers[index] = peer
    this.#rttsMs[index] = rttsMs
    const at = index * ROW
    this.rows.set(vector, at)
    this.rows[at + HEIGHT] = heightMs
    this.rows[at + ERROR] = error
    this.rows[at + RTT] = lowerMedian(rttsMs)
    const isEarly = known >= 0 && this.taken - (this.rows[at + AT] as number) < this.count / 2
    if (!isEarly) this.rows[at + AT] = ++this.taken
  }

  forget (peer: NodeId): void {
    const index = this.#peers.indexOf(peer)
    if (index < 0) return
    const last = this.count - 1
    this.rows.copyWithin(index * ROW, last * ROW, (last + 1) * ROW)
    this.#peers[index] = this.#peers[last] as NodeId
    this.#rttsMs[index] = this.#rttsMs[last] as number[]
    this.#peers.pop()
    this.#rttsMs.pop()
  }

  #oldest (): number {
    let oldest = 0
    for (let i = 1; i < this.count; i++) {
      if ((this.rows[i * ROW + AT] as number) < (this.rows[oldest * ROW + AT] as number)) oldest = i
    }
    return oldest
  }
}

function lowerMedian (values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] as number
}

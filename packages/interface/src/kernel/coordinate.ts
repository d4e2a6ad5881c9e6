/**
 * Where a node stands in the latency space: the round trip between two nodes is about the distance of their vectors
 * plus both heights (Dabek et al., Vivaldi, SIGCOMM 2004). All in milliseconds, but for the error.
 */
export interface Coordinate {
  readonly vector: readonly number[]
  /** What it takes to leave the node and come to it, whoever the other is. */
  readonly heightMs: number
  /** How far its estimates are off, as a share of the true round trip: 0 is certain, 1 knows nothing. */
  readonly error: number
}

/** What is thought of the way between two nodes. */
export interface Distance {
  rttMs: number
  /** How much it may be off, either way. */
  errorMs: number
  /** Since what it rests on was measured. */
  ageMs: number
}

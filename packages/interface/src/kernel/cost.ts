/** What it would cost to use a node, as far as whoever was asked knows; what is unknown is left out. */
export interface CostVector {
  /** The round trip to where the query wants to be near: the farthest of several places; else to who was asked. */
  rttMs?: number | undefined
  /** How much that may be off, either way. */
  rttErrorMs?: number | undefined
  bandwidthBytesPerSecond?: number | undefined
  /** How long the bytes that the query speaks of would be on their way there. */
  transferMs?: number | undefined
  /** How long an object would wait for its image and its driver; 0: both are ready. */
  startDelayMs?: number | undefined
  /** What a CPU costs there for an hour, in the cloud's own money. */
  price?: number | undefined
  /** How full it is of what it has least of, 0 to 1. */
  load: number
  /** Milliseconds since the node said what this rests on. */
  ageMs: number
}

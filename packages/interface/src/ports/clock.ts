/** Ends what it was given for; a second call does nothing. */
export type Cancel = () => void

/** Time, as one node sees it. */
export interface Clock {
  /** Milliseconds since some moment of this life of the node; never goes back; may have a fraction. */
  monotonicMs (): number
  /** Milliseconds since the Unix epoch as this machine believes; may step either way. */
  wallMs (): number
  /** Calls `callback` once, not before `delayMs` from now (0: soon, never at once). A crash of the node drops it. */
  after (delayMs: number, callback: () => void): Cancel
}

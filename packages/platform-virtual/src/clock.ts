import type { Cancel, Clock } from '@welkin/interface'
import type { Life } from './life.ts'
import { TICK_MS, type Timeline } from './timeline.ts'

/** A machine's quartz and its battery: runs too fast or too slow, may be set wrong, and goes on through power cuts. */
export class Quartz {
  readonly #timeline: Timeline
  #rate = 1
  /** It showed `#anchorMs` when the timeline showed `#sinceMs`, and has had its rate since. */
  #anchorMs = 0
  #sinceMs = 0
  #wallAtZeroMs: number

  /** `epochMs`: the wall time at which the timeline begins. */
  constructor (timeline: Timeline, epochMs: number) {
    this.#timeline = timeline
    this.#wallAtZeroMs = epochMs
  }

  /** Milliseconds that this machine believes to have passed since the timeline began. */
  elapsedMs (): number {
    return this.#shownAt(this.#timeline.nowMs)
  }

  wallMs (): number {
    return this.#wallAtZeroMs + this.elapsedMs()
  }

  /** Sets the wall clock forward, or back where `ms` is negative. */
  stepWall (ms: number): void {
    this.#wallAtZeroMs += ms
  }

  /** From now on gains so many microseconds each second (negative: loses them). */
  drift (partsPerMillion: number): void {
    this.#anchorMs = this.elapsedMs()
    this.#sinceMs = this.#timeline.nowMs
    this.#rate = 1 + partsPerMillion / 1e6
  }

  /** Milliseconds of the timeline until `delayMs` have passed here, if nobody changes the drift meanwhile. */
  timelineDelayMs (delayMs: number): number {
    const ticks = Math.ceil(Math.max(0, delayMs) / this.#rate / TICK_MS)
    // Where the rate is not 1, what is shown is rounded; one tick more than makes up for it.
    return (this.#rate === 1 ? ticks : ticks + 1) * TICK_MS
  }

  #shownAt (timelineMs: number): number {
    return this.#anchorMs + (timelineMs - this.#sinceMs) * this.#rate
  }
}

/** The Clock of one life on a machine with this quartz. */
export function createVirtualClock (quartz: Quartz, life: Life): Clock {
  const bootMs = quartz.elapsedMs()
  return {
    monotonicMs: () => quartz.elapsedMs() - bootMs,
    wallMs: () => quartz.wallMs(),
    after: (delayMs: number, callback: () => void): Cancel => life.after(quartz.timelineDelayMs(delayMs), callback)
  }
}

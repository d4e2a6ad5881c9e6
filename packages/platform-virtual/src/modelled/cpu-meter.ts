import type { Reading } from '@welkin/async'
import type { Timeline } from '../timeline.ts'
import { DecayingMean } from './decaying-mean.ts'

/** What the CPUs of a machine have done since it was made, and what they have had to do lately. */
export interface CpuFigures {
  /** CPU time that was used, of all CPUs together. */
  busyMs: number
  /** Tasks that ran or waited, averaged over a minute. */
  load1m: number
  /** The share of CPUs for which somebody waited, averaged over ten seconds. */
  pressure: number
}

/**
 * The CPUs of a machine, whether or not a daemon looks at them. Who wants more of them than there are waits, and that
 * shows in these figures only: a task's own progress does not depend on its neighbours.
 */
export class CpuMeter {
  readonly #timeline: Timeline
  readonly #count: number
  readonly #load1m = new DecayingMean(60_000)
  readonly #pressure = new DecayingMean(10_000)
  #taskCpus = 0
  #otherCpus = 0
  #busyMs = 0
  #sinceMs: number

  constructor (timeline: Timeline, count: number) {
    this.#timeline = timeline
    this.#count = count
    this.#sinceMs = timeline.nowMs
  }

  /** From now on the tasks of the cloud want so many CPUs. */
  setTasks (cpus: number): void {
    this.#pass()
    this.#taskCpus = cpus
  }

  /** From now on whatever else runs here wants so many CPUs. */
  setOthers (cpus: number): void {
    this.#pass()
    this.#otherCpus = cpus
  }

  /** As of now, on the timeline. */
  read (): Reading<CpuFigures> {
    this.#pass()
    const values = { busyMs: this.#busyMs, load1m: this.#load1m.value, pressure: this.#pressure.value }
    return { atMs: this.#sinceMs, values }
  }

  #pass (): void {
    const { nowMs } = this.#timeline
    const elapsedMs = nowMs - this.#sinceMs
    const wanted = this.#taskCpus + this.#otherCpus
    this.#busyMs += Math.min(wanted, this.#count) * elapsedMs
    this.#load1m.pass(wanted, elapsedMs)
    this.#pressure.pass(Math.min(1, Math.max(0, wanted - this.#count) / this.#count), elapsedMs)
    this.#sinceMs = nowMs
  }
}

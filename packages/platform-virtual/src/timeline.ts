import type { Cancel } from '@welkin/interface'
import { findDrain, type Drain } from './drain.ts'
import { EventQueue, type Task } from './event-queue.ts'

/** Times are multiples of this, a power of two, so that sums and differences of them are exact. */
export const TICK_MS = 1 / 1024

/** How long the timeline runs before it lets the real event loop turn; no result depends on it. */
const SLICE_MS = 20
const EVENTS_BETWEEN_LOOKS = 32

export interface TimelineOptions {
  /** How promises settle between events: at once where the engine can (`checkpoint`), or by the event loop. */
  drain?: 'checkpoint' | 'event-loop'
}

/**
 * Virtual time: a queue of events by (due time, insertion order). Takes one, lets all promises settle, takes the next.
 * While it runs, time stands still except from one event to the next.
 */
export class Timeline {
  readonly #queue = new EventQueue()
  readonly #wanted: TimelineOptions['drain']
  #drain: Drain | undefined
  #running = false
  #nowMs = 0
  #eventCount = 0

  constructor (options: TimelineOptions = {}) {
    this.#wanted = options.drain ?? 'checkpoint'
  }

  /** Milliseconds since the beginning. */
  get nowMs (): number {
    return this.#nowMs
  }

  /** Events that have happened. */
  get eventCount (): number {
    return this.#eventCount
  }

  /** Lets `task` happen `delayMs` from now, rounded up to a tick, after all that is due at the same time already. */
  after (delayMs: number, task: Task): Cancel {
    if (!Number.isFinite(delayMs)) throw new RangeError(`A delay of ${delayMs} ms never ends.`)
    return this.#queue.add(this.#nowMs + inTicks(Math.max(0, delayMs)), task)
  }

  /** Runs all that is due until `ms`, rounded up to a tick, and lets it be that time. Rejects as a task throws. */
  async runUntil (ms: number): Promise<void> {
    const endMs = inTicks(ms)
    await this.#run(() => false, endMs)
    this.#nowMs = Math.max(this.#nowMs, endMs)
  }

  /** Runs until `promise` has settled. Rejects as it does, and when nothing is left that could settle it. */
  async until<T> (promise: Promise<T>): Promise<T> {
    let settled = false
    const settle = (): void => { settled = true }
    promise.then(settle, settle)
    await this.#run(() => settled, Number.POSITIVE_INFINITY)
    if (!settled) throw new Error(`Nothing is left to happen at ${this.#nowMs} ms, and what is waited for has not.`)
    return await promise
  }

  async #run (done: () => boolean, untilMs: number): Promise<void> {
    if (this.#running) throw new Error('The timeline runs already; inside of it, wait by a clock.')
    this.#running = true
    try {
      while (await inMacrotask(() => this.#runSlice(done, untilMs))) { /* the event loop has turned */ }
    } finally {
      this.#running = false
    }
  }

  /** Whether there is more to run. Without a drain, the end of the macrotask is what lets promises settle. */
  #runSlice (done: () => boolean, untilMs: number): boolean {
    if (this.#wanted === 'checkpoint') this.#drain ??= findDrain()
    const endMs = performance.now() + SLICE_MS
    for (let i = 1; !done() && this.#queue.size > 0 && this.#queue.nextMs <= untilMs; i++) {
      this.#runEvent()
      if (this.#drain === undefined) return true
      this.#drain()
      if (i % EVENTS_BETWEEN_LOOKS === 0 && performance.now() > endMs) return true
    }
    return false
  }

  #runEvent (): void {
    this.#nowMs = this.#queue.nextMs
    this.#eventCount++
    this.#queue.take()?.()
  }
}

function inTicks (ms: number): number {
  return Math.ceil(ms / TICK_MS) * TICK_MS
}

async function inMacrotask<T> (work: () => T): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(work())
      } catch (error) {
        reject(error as Error)
      }
    })
  })
}

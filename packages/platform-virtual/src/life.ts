import type { Cancel } from '@welkin/interface'
import type { Timeline } from './timeline.ts'

const NEVER = new Promise<never>(() => {})

/** How a life ends: the daemon dies and its machine goes on, or the machine loses power. */
export type Death = 'crash' | 'power-cut'

/**
 * One life of a daemon. While it lasts, its ports work; afterwards they are inert: timers are dropped, promises never
 * settle, calls do nothing. So a dead daemon's code, which is still in memory, can no longer touch its world. A paused
 * one, as by SIGSTOP, sees nothing of what comes due meanwhile, and all of it when it goes on: its timers first, as the
 * event loop has it, then what came from outside.
 */
export class Life {
  readonly #timeline: Timeline
  readonly #mourners = new Set<(death: Death) => void>()
  #death: Death | undefined
  /** What came due in the pause; undefined: it goes on. */
  #held: { timers: Array<() => void>, others: Array<() => void> } | undefined

  constructor (timeline: Timeline) {
    this.#timeline = timeline
  }

  /** How it ended; undefined while it lasts. */
  get death (): Death | undefined {
    return this.#death
  }

  get over (): boolean {
    return this.#death !== undefined
  }

  /** Ends it; a second call does nothing. */
  end (death: Death): void {
    if (this.over) return
    this.#death = death
    this.#held = undefined
    for (const mourner of this.#mourners) mourner(death)
    this.#mourners.clear()
  }

  /** Whether it lasts and is not paused. */
  get isAwake (): boolean {
    return this.#death === undefined && this.#held === undefined
  }

  get paused (): boolean {
    return this.#held !== undefined
  }

  pause (): void {
    if (!this.over) this.#held ??= { timers: [], others: [] }
  }

  resume (): void {
    const { timers, others } = this.#held ?? { timers: [], others: [] }
    this.#held = undefined
    // One event each, so that promises settle between them.
    for (const task of [...timers, ...others]) this.#timeline.after(0, () => this.perform(task))
  }

  /** Calls `task` now, or after the pause; never, when the life is over by then. */
  perform (task: () => void): void {
    if (this.over) return
    if (this.#held === undefined) task()
    else this.#held.others.push(task)
  }

  /** Calls `mourner` when it ends. */
  onEnd (mourner: (death: Death) => void): Cancel {
    this.#mourners.add(mourner)
    return () => { this.#mourners.delete(mourner) }
  }

  /** Resolves at once while it lasts, never afterwards: what a dead daemon asks for is not even begun. */
  async alive (): Promise<void> {
    if (this.over) await NEVER
  }

  /** Calls `callback` after `delayMs` of the timeline, unless the life is over by then. */
  after (delayMs: number, callback: () => void): Cancel {
    let cancelled = false
    const ring = (): void => {
      if (this.over || cancelled) return
      if (this.#held === undefined) callback()
      else this.#held.timers.push(ring)
    }
    const cancel = this.#timeline.after(delayMs, ring)
    return () => {
      cancelled = true
      cancel()
    }
  }

  /** Resolves after `delayMs` of the timeline, unless the life is over by then. */
  async pass (delayMs: number): Promise<void> {
    await new Promise<void>(resolve => { this.after(delayMs, resolve) })
  }

  /** Settles as `promise` does, unless the life is over by then. */
  async during<T> (promise: Promise<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      promise.then(
        value => this.perform(() => resolve(value)),
        error => this.perform(() => reject(error as Error))
      )
    })
  }
}

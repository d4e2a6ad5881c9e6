import type { Cancel } from '@welkin/interface'
import type { Timeline } from '../timeline.ts'

interface Appointment { atMs: number, act: () => void, cancel: Cancel }

/** The time for which a process has run: it stands still while the process does, and goes with it to other machines. */
export class ActiveTime {
  readonly #timeline: Timeline
  readonly #appointments = new Set<Appointment>()
  #passedMs: number
  /** On the timeline; undefined: it stands still. */
  #sinceMs: number | undefined

  /** Runs at once, where a process has run for `passedMs` before. */
  constructor (timeline: Timeline, passedMs: number) {
    this.#timeline = timeline
    this.#passedMs = passedMs
    this.#sinceMs = timeline.nowMs
  }

  get nowMs (): number {
    return this.#passedMs + (this.#sinceMs === undefined ? 0 : this.#timeline.nowMs - this.#sinceMs)
  }

  get stands (): boolean {
    return this.#sinceMs === undefined
  }

  /** Acts when the process has run for `atMs`; soon, where it has run for longer. */
  at (atMs: number, act: () => void): void {
    const appointment: Appointment = { atMs, act, cancel: () => {} }
    this.#appointments.add(appointment)
    if (!this.stands) this.#arm(appointment)
  }

  /** A second call does nothing. */
  stop (): void {
    if (this.stands) return
    this.#passedMs = this.nowMs
    this.#sinceMs = undefined
    for (const { cancel } of this.#appointments) cancel()
  }

  goOn (): void {
    if (!this.stands) return
    this.#sinceMs = this.#timeline.nowMs
    for (const appointment of this.#appointments) this.#arm(appointment)
  }

  /** Nothing more takes place. */
  end (): void {
    this.stop()
    this.#appointments.clear()
  }

  #arm (appointment: Appointment): void {
    appointment.cancel = this.#timeline.after(Math.max(0, appointment.atMs - this.nowMs), () => {
      this.#appointments.delete(appointment)
      appointment.act()
    })
  }
}

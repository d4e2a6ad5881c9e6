import type { Cancel } from '@welkin/interface'

/** What happens at one moment. */
export type Task = () => void

/** A cancelled event stays in the heap, empty, until its time comes or too many are like it. */
interface Event { task: Task | undefined }

const EMPTY_MAX = 1024

/**
 * Events in order of (due time, insertion): a binary heap whose keys lie in flat arrays beside the events.
 * Adding and taking cost O(log n), cancelling O(1).
 */
export class EventQueue {
  #dueMs = new Float64Array(256)
  #order = new Float64Array(256)
  #events: Event[] = []
  #empty = 0
  #added = 0

  /** Events that wait. */
  get size (): number {
    return this.#events.length - this.#empty
  }

  /** When the next event is due; Infinity: there is none. */
  get nextMs (): number {
    this.#dropEmpty()
    return this.#events.length === 0 ? Number.POSITIVE_INFINITY : this.#dueMs[0] as number
  }

  add (dueMs: number, task: Task): Cancel {
    const event: Event = { task }
    if (this.#events.length === this.#dueMs.length) this.#grow()
    this.#events.push(event)
    this.#rise(this.#events.length - 1, dueMs, this.#added++, event)
    return () => {
      if (event.task === undefined) return
      event.task = undefined
      this.#empty++
      if (this.#empty > EMPTY_MAX && this.#empty > this.#events.length / 2) this.#compact()
    }
  }

  /** Takes the next event out. */
  take (): Task | undefined {
    this.#dropEmpty()
    const event = this.#events[0]
    if (event === undefined) return undefined
    this.#removeFirst()
    const { task } = event
    event.task = undefined
    return task
  }

  #dropEmpty (): void {
    while (this.#events.length > 0 && (this.#events[0] as Event).task === undefined) {
      this.#removeFirst()
      this.#empty--
    }
  }

  #removeFirst (): void {
    const last = this.#events.length - 1
    const event = this.#events.pop() as Event
    if (last > 0) this.#sink(0, this.#dueMs[last] as number, this.#order[last] as number, event)
  }

  #compact (): void {
    const events = this.#events
    let kept = 0
    for (let i = 0; i < events.length; i++) {
      const event = events[i] as Event
      if (event.task !== undefined) this.#place(kept++, this.#dueMs[i] as number, this.#order[i] as number, event)
    }
    events.length = kept
    this.#empty = 0
    for (let i = (kept >> 1) - 1; i >= 0; i--) {
      this.#sink(i, this.#dueMs[i] as number, this.#order[i] as number, events[i] as Event)
    }
  }

  #grow (): void {
    this.#dueMs = doubled(this.#dueMs)
    this.#order = doubled(this.#order)
  }

  #place (at: number, dueMs: number, order: number, event: Event): void {
    this.#dueMs[at] = dueMs
    this.#order[at] = order
    this.#events[at] = event
  }

  #move (from: number, to: number): void {
    this.#place(to, this.#dueMs[from] as number, this.#order[from] as number, this.#events[from] as Event)
  }

  /** Whether what stands at `at` comes before (dueMs, order). */
  #before (at: number, dueMs: number, order: number): boolean {
    const otherMs = this.#dueMs[at] as number
    return otherMs < dueMs || (otherMs === dueMs && (this.#order[at] as number) < order)
  }

  #rise (at: number, dueMs: number, order: number, event: Event): void {
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#before(parent, dueMs, order)) break
      this.#move(parent, at)
      at = parent
    }
    this.#place(at, dueMs, order, event)
  }

  #sink (at: number, dueMs: number, order: number, event: Event): void {
    const { length } = this.#events
    for (;;) {
      let child = 2 * at + 1
      if (child >= length) break
      const right = child + 1
      const rightFirst = right < length &&
        this.#before(right, this.#dueMs[child] as number, this.#order[child] as number)
      if (rightFirst) child = right
      if (!this.#before(child, dueMs, order)) break
      this.#move(child, at)
      at = child
    }
    this.#place(at, dueMs, order, event)
  }
}

function doubled (numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(numbers.length * 2)
  larger.set(numbers)
  return larger
}

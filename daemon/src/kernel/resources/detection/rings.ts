import type { Handle } from '../statements/handle.ts'

/** Places on a ring by which the views of two nodes may differ. */
const TOLERANCE = 3

/**
 * Who watches whom. All nodes stand on a few rings, on each in another order that follows from their handles alone;
 * each is watched by the node that comes before it on every ring. So every node has as many observers, all agree on who
 * they are, and the graph is an expander: news cross it in a logarithmic number of steps, and no small group of
 * failures cuts it (Suresh et al., Rapid, USENIX ATC 2018, section 4.1). Pure.
 */
export class Rings {
  /** For each ring the handles in its order, beside their places. */
  readonly #rings: Array<{ salt: number, handles: Handle[], places: number[] }>
  /** What was asked since somebody came or went: a node asks for its own neighbours all the time. */
  readonly #subjects = new Map<Handle, readonly Handle[]>()
  readonly #observers = new Map<Handle, readonly Handle[]>()

  constructor (count: number) {
    this.#rings = Array.from({ length: count }, (_, ring) => ({ salt: ring + 1, handles: [], places: [] }))
  }

  get size (): number {
    return this.#rings[0]?.handles.length ?? 0
  }

  add (handle: Handle): void {
    this.#forgetAsked()
    for (const { salt, handles, places } of this.#rings) {
      const place = placeOn(salt, handle)
      const at = indexOf(places, handles, place, handle)
      if (handles[at] === handle) return
      handles.splice(at, 0, handle)
      places.splice(at, 0, place)
    }
  }

  remove (handle: Handle): void {
    this.#forgetAsked()
    for (const { salt, handles, places } of this.#rings) {
      const at = indexOf(places, handles, placeOn(salt, handle), handle)
      if (handles[at] !== handle) return
      handles.splice(at, 1)
      places.splice(at, 1)
    }
  }

  /** Who watches `handle`: as many as there are rings, or all others where there are no more. */
  observersOf (handle: Handle): readonly Handle[] {
    return kept(this.#observers, handle, () => this.#findObservers(handle))
  }

  /** Whom `handle` watches; in the mean as many as there are rings. */
  subjectsOf (handle: Handle): readonly Handle[] {
    return kept(this.#subjects, handle, () => this.#findSubjects(handle))
  }

  /**
   * Whether `accuser` watches `subject`, or would if a few nodes between them were not there: two nodes that know of
   * different newcomers still agree on this.
   */
  watches (accuser: Handle, subject: Handle): boolean {
    return this.#rings.some(({ salt, handles, places }, ring) => {
      const { length } = handles
      const at = indexOf(places, handles, placeOn(salt, subject), subject)
      const before = Math.min(ring + TOLERANCE, length)
      return Array.from({ length: before }, (_, i) => handles[(at - 1 - i + length) % length]).includes(accuser)
    })
  }

  #findObservers (handle: Handle): Handle[] {
    const observers = new Set<Handle>()
    for (const { salt, handles, places } of this.#rings) {
      const { length } = handles
      const at = indexOf(places, handles, placeOn(salt, handle), handle)
      if (handles[at] !== handle) return []
      // Whoever watches it on an earlier ring already is passed over.
      for (let i = (at - 1 + length) % length; i !== at; i = (i - 1 + length) % length) {
        const observer = handles[i] as Handle
        if (observers.has(observer)) continue
        observers.add(observer)
        break
      }
    }
    return [...observers]
  }

  #findSubjects (handle: Handle): Handle[] {
    const subjects = new Set<Handle>()
    for (const [ring, { salt, handles, places }] of this.#rings.entries()) {
      const { length } = handles
      const at = indexOf(places, handles, placeOn(salt, handle), handle)
      if (handles[at] !== handle) return []
      // On this ring so many at the most were passed over.
      for (let step = 1; step <= ring + 1 && step < length; step++) {
        const subject = handles[(at + step) % length] as Handle
        if (this.#findObservers(subject).includes(handle)) subjects.add(subject)
      }
    }
    return [...subjects]
  }

  #forgetAsked (): void {
    this.#subjects.clear()
    this.#observers.clear()
  }
}

function kept (answers: Map<Handle, readonly Handle[]>, handle: Handle, find: () => Handle[]): readonly Handle[] {
  let answer = answers.get(handle)
  if (answer === undefined) {
    answer = find()
    answers.set(handle, answer)
  }
  return answer
}

/** Where `handle` stands among those, or would stand. */
function indexOf (places: readonly number[], handles: readonly Handle[], place: number, handle: Handle): number {
  let from = 0
  let to = places.length
  while (from < to) {
    const middle = (from + to) >> 1
    const other = places[middle] as number
    if (other < place || (other === place && (handles[middle] as Handle) < handle)) from = middle + 1
    else to = middle
  }
  return from
}

/** A number of 32 bits that looks drawn by chance: MurmurHash3's finalizer (Appleby) over both halves. */
function placeOn (salt: number, handle: Handle): number {
  return mix(mix(salt ^ (handle % 2 ** 24)) ^ Math.floor(handle / 2 ** 24)) >>> 0
}

function mix (word: number): number {
  let hash = word ^ (word >>> 16)
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

import type { Handle } from '../statements/handle.ts'

/** Places on a ring by which the views of two nodes may differ. */
const TOLERANCE = 3

/**
 * Who watches whom. All nodes stand on a few rings, on each in another order that follows from their handles alone;
 * each watches the node that comes next on every ring. So every node has as many observers as it has subjects, all
 * agree on who they are, and the graph is an expander: news cross it in a logarithmic number of steps, and no small
 * group of failures cuts it (Suresh et al., Rapid, USENIX ATC 2018, section 4.1). Pure.
 */
export class Rings {
  /** For each ring the handles in its order, beside their places. */
  readonly #rings: Array<{ salt: number, handles: Handle[], places: number[] }>

  constructor (count: number) {
    this.#rings = Array.from({ length: count }, (_, ring) => ({ salt: ring + 1, handles: [], places: [] }))
  }

  get size (): number {
    return this.#rings[0]?.handles.length ?? 0
  }

  add (handle: Handle): void {
    for (const { salt, handles, places } of this.#rings) {
      const place = placeOn(salt, handle)
      const at = indexOf(places, handles, place, handle)
      if (handles[at] === handle) return
      handles.splice(at, 0, handle)
      places.splice(at, 0, place)
    }
  }

  remove (handle: Handle): void {
    for (const { salt, handles, places } of this.#rings) {
      const at = indexOf(places, handles, placeOn(salt, handle), handle)
      if (handles[at] !== handle) return
      handles.splice(at, 1)
      places.splice(at, 1)
    }
  }

  /** Whom `handle` watches, each once. */
  subjectsOf (handle: Handle): Handle[] {
    return this.#others(handle, 1)
  }

  /** Who watches `handle`, each once. */
  observersOf (handle: Handle): Handle[] {
    return this.#others(handle, -1)
  }

  /**
   * Whether `accuser` watches `subject`, or would if a few nodes between them were not there: two nodes that know of
   * different newcomers still agree on this.
   */
  watches (accuser: Handle, subject: Handle): boolean {
    return this.#rings.some(({ salt, handles, places }) => {
      const { length } = handles
      const at = indexOf(places, handles, placeOn(salt, subject), subject)
      const before = Math.min(TOLERANCE, length)
      return Array.from({ length: before }, (_, i) => handles[(at - 1 - i + length) % length]).includes(accuser)
    })
  }

  /** Those at `step` from `handle` on each ring. */
  #others (handle: Handle, step: 1 | -1): Handle[] {
    const others = new Set<Handle>()
    for (const { salt, handles, places } of this.#rings) {
      const { length } = handles
      const at = indexOf(places, handles, placeOn(salt, handle), handle)
      if (handles[at] !== handle) continue
      // Where rings happen to agree, the one after next takes the place: few nodes watch one another all.
      for (let i = (at + step + length) % length; i !== at; i = (i + step + length) % length) {
        const other = handles[i] as Handle
        if (others.has(other)) continue
        others.add(other)
        break
      }
    }
    return [...others]
  }
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

import { shuffled, type Coordinate, type NodeId, type Random } from '@welkin/interface'
import { distanceMs, isCoordinate } from './coordinate.ts'

/** Who can be measured, and where it says that it stands. */
export interface Neighbour { id?: NodeId | undefined, coordinate?: Coordinate | undefined }

export interface NeighbourOptions {
  /** Peers that are measured in turn. */
  size: number
  /** Of these, the share of the nearest; the others are drawn by chance. Near ones place a node within its site. */
  nearShare: number
  /** Of those drawn by chance, the share that is drawn anew in each turn. */
  renewedShare: number
}

const DEFAULTS: NeighbourOptions = { size: 32, nearShare: 0.25, renewedShare: 0.1 }

/** Whom to measure next: a stable set of some near and some far peers, each in its turn, renewed a little a round. */
export class NeighbourSet {
  readonly #random: Random
  readonly #options: NeighbourOptions
  #far: NodeId[] = []
  /** Who is left to be measured in this round. */
  #left: NodeId[] = []

  constructor (random: Random, options: Partial<NeighbourOptions> = {}) {
    this.#random = random
    this.#options = { ...DEFAULTS, ...options }
  }

  /** One of `known`, seen from `here`; undefined when nobody is known. `known` is called once a round. */
  next (here: Coordinate, known: () => readonly Neighbour[]): NodeId | undefined {
    if (this.#left.length === 0) this.#renew(here, known())
    return this.#left.pop()
  }

  #renew (here: Coordinate, known: readonly Neighbour[]): void {
    const { nearShare, renewedShare, size } = this.#options
    const near = this.#nearest(here, known, Math.floor(size * nearShare))
    const others = new Set(known.flatMap(({ id }) => id === undefined || near.includes(id) ? [] : id))
    const isKept = (id: NodeId): boolean => others.has(id) && this.#random.unit() >= renewedShare
    const kept = this.#far.filter(isKept).slice(0, size - near.length)
    for (const id of kept) others.delete(id)
    this.#far = [...kept, ...shuffled(this.#random, [...others]).slice(0, size - near.length - kept.length)]
    this.#left = shuffled(this.#random, [...near, ...this.#far])
  }

  #nearest (here: Coordinate, known: readonly Neighbour[], count: number): NodeId[] {
    const placed = known.flatMap(({ id, coordinate }) => {
      return id === undefined || !isCoordinate(coordinate) ? [] : { id, rttMs: distanceMs(here, coordinate) }
    })
    return placed.toSorted((a, b) => a.rttMs - b.rttMs).slice(0, count).map(({ id }) => id)
  }
}

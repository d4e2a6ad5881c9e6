import type { Coordinate, NodeId, Random } from '@welkin/interface'
import { DIMENSIONS, isCoordinate, ORIGIN, RTT_MS_MAX } from './coordinate.ts'
import { fitStep, type Place } from './fit.ts'
import { PLACES, ROW, SampleWindow } from './sample-window.ts'

/** Peers whose latest samples a place rests on. */
const WINDOW = 48
/** Steps of the fit for each sample. */
const STEPS = 2
/** How far a node moves, with each sample, to where its neighbours are the middle of the space. */
const GRAVITY = 0.01
/** As many samples count as wholly wrong at first: a node that has taken few does not believe itself. */
const PRIOR_SAMPLES = DIMENSIONS + 1

/**
 * Where one node stands. Vivaldi (Dabek et al., SIGCOMM 2004) nudges a node by each sample and forgets it; this fits
 * the latest sample of each of some dozen peers together, by damped and robust least squares, and is after 50 samples
 * where Vivaldi never comes (bench/coordinates). Takes nothing on trust: what is no measurement is refused, peers that
 * do not know where they stand count little, and what does not fit hardly counts. Pure.
 */
export class CoordinateEstimator {
  readonly #random: Random
  readonly #window = new SampleWindow(WINDOW)
  readonly #place: Place = new Float64Array(DIMENSIONS + 1)
  #coordinate = ORIGIN

  constructor (random: Random) {
    this.#random = random
  }

  /** With an error of 1 while it has taken no sample. */
  get coordinate (): Coordinate {
    return this.#coordinate
  }

  /** A round trip to `peer`, which says that it stands at `theirs`. Refused: what is no round trip or no coordinate. */
  observe (peer: NodeId, theirs: Coordinate, rttMs: number): 'taken' | 'refused' {
    if (!(rttMs > 0 && rttMs <= RTT_MS_MAX) || !isCoordinate(theirs)) return 'refused'
    this.#window.put(peer, theirs, rttMs)
    this.#drift()
    let error = 1
    for (let step = 0; step < STEPS; step++) {
      error = fitStep(this.#place, this.#window, this.#coordinate.error, this.#random)
    }
    const prior = PRIOR_SAMPLES / (PRIOR_SAMPLES + this.#window.taken)
    this.#coordinate = {
      vector: Array.from(this.#place.subarray(0, DIMENSIONS)),
      heightMs: this.#place[DIMENSIONS] as number,
      error: Math.min(1, error * (1 - prior) + prior)
    }
    return 'taken'
  }

  /** The peer is gone, or measured anew from now on. */
  forget (peer: NodeId): void {
    this.#window.forget(peer)
  }

  /** Without it the whole space would wander off together. A peer that claims to be far outside does not pull. */
  #drift (): void {
    const { rows, count } = this.#window
    let rttMs = 0
    for (let i = 0; i < count; i++) rttMs += (rows[i * ROW + PLACES.RTT] as number) / count
    for (let i = 0, at = 0; i < count; i++, at += ROW) {
      let sum = 0
      for (let k = 0; k < DIMENSIONS; k++) sum += (rows[at + k] as number) ** 2
      const share = GRAVITY / count * Math.min(1, rttMs / Math.max(Math.sqrt(sum), 1e-9))
      for (let k = 0; k < DIMENSIONS; k++) {
        this.#place[k] = (this.#place[k] as number) - share * (rows[at + k] as number)
      }
    }
  }
}

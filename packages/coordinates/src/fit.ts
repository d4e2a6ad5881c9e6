import type { Random } from '@welkin/interface'
import { DIMENSIONS } from './coordinate.ts'
import { PLACES, ROW, type SampleWindow } from './sample-window.ts'

/** A place that is being fitted: the vector, then the height. */
export type Place = Float64Array

const UNKNOWNS = DIMENSIONS + 1

/** Below this, milliseconds, round trips differ by noise rather than by distance, and errors are counted as of this. */
const SOFT_MS = 5
/** An estimate far below what was measured is weighed as if it were this share of it, lest one sample rule all. */
const RELAXED = 0.3
/** How fast older samples count less: by this power of their place in the order of all. */
const AGEING = 4
/** How much less, in powers of the distance, a millisecond counts far away: between absolute and relative errors. */
const FAR = 0.75
/** A peer counts less as soon as it knows less than this node, give or take this. */
const TRUST = 0.02
/** A node that is so much off believes every sample: it may be its own place that is wrong. */
const UNSURE = 0.3
/** Two places nearer than this, milliseconds, have no direction. */
const APART_MS = 1e-3

// One node is fitted at a time, and ten thousand live in one process of the simulator: the work space is shared.
const matrix = new Float64Array(UNKNOWNS * UNKNOWNS)
const gradient = new Float64Array(UNKNOWNS)
const direction = new Float64Array(UNKNOWNS)

/**
 * One damped step (Levenberg-Marquardt) towards the place that fits the window's round trips best, with weights by
 * which errors count relative to the distance, old samples and peers that know little count less, and samples that do
 * not fit at all (liars, detours) hardly count (Geman-McClure). Moves `place`; gives the mean error that it had, 0 to
 * 1.
 */
export function fitStep (place: Place, window: SampleWindow, ownError: number, random: Random): number {
  const { rows, count, taken } = window
  matrix.fill(0)
  gradient.fill(0)
  const width = ownError > UNSURE ? 1 : ownError
  let errors = 0
  // A height is on the way to everybody. Without this bound nodes of a few sites may take all distance for height, and
  // those that are near for liars.
  let shortestMs = Number.POSITIVE_INFINITY
  for (let i = 0, at = 0; i < count; i++, at += ROW) {
    const apartMs = turnTowards(place, rows, at, random)
    const heightsMs = (place[DIMENSIONS] as number) + (rows[at + PLACES.HEIGHT] as number)
    const rttMs = rows[at + PLACES.RTT] as number
    const estimateMs = apartMs + heightsMs
    shortestMs = Math.min(shortestMs, rttMs)
    const misfit = Math.log((estimateMs + SOFT_MS) / (rttMs + SOFT_MS))
    errors += Math.min(1, Math.abs(misfit))
    const age = ((rows[at + PLACES.AT] as number) / taken) ** AGEING
    const trust = Math.min(1, (ownError + TRUST) / ((rows[at + PLACES.ERROR] as number) + TRUST))
    const scaleMs = Math.max(estimateMs, RELAXED * rttMs) + SOFT_MS
    const scale = (Math.sqrt(scaleMs * (rttMs + SOFT_MS)) * scaleMs) ** FAR
    const weight = age * trust / (misfit * misfit + width * width) / scale
    accumulate(weight, rttMs - estimateMs, Math.max(0, 1 - (rttMs - heightsMs) / Math.max(apartMs, APART_MS)))
  }
  damp()
  solve()
  for (let k = 0; k < DIMENSIONS; k++) place[k] = (place[k] as number) + (gradient[k] as number)
  const heightMs = (place[DIMENSIONS] as number) + (gradient[DIMENSIONS] as number)
  place[DIMENSIONS] = Math.min(Math.max(0, heightMs), shortestMs)
  return count === 0 ? 1 : errors / count
}

/** The unit vector from the peer of the row at `at` to the place, into `direction`; how far they are apart. */
function turnTowards (place: Place, rows: Float64Array, at: number, random: Random): number {
  let sum = 0
  for (let k = 0; k < DIMENSIONS; k++) {
    const difference = (place[k] as number) - (rows[at + k] as number)
    direction[k] = difference
    sum += difference * difference
  }
  const apartMs = Math.sqrt(sum)
  direction[DIMENSIONS] = 1
  if (apartMs < APART_MS) turnAnywhere(random)
  else for (let k = 0; k < DIMENSIONS; k++) direction[k] = (direction[k] as number) / apartMs
  return apartMs
}

/** Nodes that stand in one place part in any direction. */
function turnAnywhere (random: Random): void {
  let sum = 0
  for (let k = 0; k < DIMENSIONS; k++) {
    direction[k] = random.unit() + random.unit() + random.unit() - 1.5
    sum += (direction[k] as number) ** 2
  }
  const length = Math.sqrt(sum) || 1
  for (let k = 0; k < DIMENSIONS; k++) direction[k] = (direction[k] as number) / length
}

/**
 * Adds a sample to the normal equations. `curved`: how far the peer is too near, 0 to 1 and more; there the distance
 * bends away in all directions, which a straight line through it would not see.
 */
function accumulate (weight: number, missingMs: number, curved: number): void {
  const straight = weight * Math.max(0, 1 - curved)
  for (let row = 0; row < UNKNOWNS; row++) {
    const along = direction[row] as number
    const isHeight = row === DIMENSIONS
    gradient[row] = (gradient[row] as number) + weight * missingMs * along
    const scaled = (isHeight ? weight : straight) * along
    for (let column = 0; column <= row; column++) {
      const at = row * UNKNOWNS + column
      matrix[at] = (matrix[at] as number) + scaled * (direction[column] as number)
    }
    if (!isHeight) matrix[row * UNKNOWNS + row] = (matrix[row * UNKNOWNS + row] as number) + weight * curved
  }
}

/** As much again on the diagonal as its mean: half a step where the samples say much, less where they say little. */
function damp (): void {
  let trace = 0
  for (let i = 0; i < UNKNOWNS; i++) trace += matrix[i * UNKNOWNS + i] as number
  for (let i = 0; i < UNKNOWNS; i++) {
    matrix[i * UNKNOWNS + i] = (matrix[i * UNKNOWNS + i] as number) + trace / UNKNOWNS + 1e-15
  }
}

/** Solves the normal equations by Cholesky's decomposition; the solution takes the place of the gradient. */
function solve (): void {
  for (let i = 0; i < UNKNOWNS; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * UNKNOWNS + j] as number
      for (let k = 0; k < j; k++) sum -= (matrix[i * UNKNOWNS + k] as number) * (matrix[j * UNKNOWNS + k] as number)
      matrix[i * UNKNOWNS + j] = i === j ? Math.sqrt(Math.max(sum, 1e-15)) : sum / (matrix[j * UNKNOWNS + j] as number)
    }
  }
  for (let i = 0; i < UNKNOWNS; i++) {
    let sum = gradient[i] as number
    for (let k = 0; k < i; k++) sum -= (matrix[i * UNKNOWNS + k] as number) * (gradient[k] as number)
    gradient[i] = sum / (matrix[i * UNKNOWNS + i] as number)
  }
  for (let i = UNKNOWNS - 1; i >= 0; i--) {
    let sum = gradient[i] as number
    for (let k = i + 1; k < UNKNOWNS; k++) sum -= (matrix[k * UNKNOWNS + i] as number) * (gradient[k] as number)
    gradient[i] = sum / (matrix[i * UNKNOWNS + i] as number)
  }
}

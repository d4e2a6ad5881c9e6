import type { Coordinate } from '@welkin/interface'

/** Of every vector: as many as the internet's latencies have in common; more gain nothing (bench/coordinates). */
export const DIMENSIONS = 6

/** No round trip on earth takes a minute; what says so is no measurement. */
export const RTT_MS_MAX = 60_000

/** Where a node stands that knows nothing yet. */
export const ORIGIN: Coordinate = { vector: Array.from({ length: DIMENSIONS }, () => 0), heightMs: 0, error: 1 }

/** Of a share of the distance, and of what no clock tells apart. */
const ERROR_SHARE = 0.9
const ERROR_MS = 0.2

/** Whether it is a coordinate that a node may have: of the right size, finite, and not out of this world. */
export function isCoordinate (value: unknown): value is Coordinate {
  const { vector, heightMs, error } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Coordinate>
  return Array.isArray(vector) && vector.length === DIMENSIONS && vector.every(isPlace) &&
    isPlace(heightMs) && heightMs >= 0 && typeof error === 'number' && error >= 0 && error <= 1
}

/** The round trip between two places, milliseconds. */
export function distanceMs (a: Coordinate, b: Coordinate): number {
  let sum = 0
  for (let i = 0; i < DIMENSIONS; i++) sum += ((a.vector[i] as number) - (b.vector[i] as number)) ** 2
  return Math.sqrt(sum) + a.heightMs + b.heightMs
}

/**
 * The same with how much it may be off, either way: nine of ten round trips lie within that (bench/coordinates). Of two
 * nodes each knows how far its own estimates are off on the whole.
 */
export function estimate (a: Coordinate, b: Coordinate): { rttMs: number, errorMs: number } {
  const rttMs = distanceMs(a, b)
  return { rttMs, errorMs: ERROR_MS + ERROR_SHARE * (a.error + b.error) * rttMs }
}

function isPlace (value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= RTT_MS_MAX
}

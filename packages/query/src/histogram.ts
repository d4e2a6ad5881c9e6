import type { NumberSummary } from '@welkin/interface'

/** Place 0 counts values below 1, place i those from 2^(i-1) to below 2^i; the last counts all that is larger. */
const PLACES_MAX = 64

/** The distribution of the values; undefined for none. */
export function summariseNumbers (values: readonly number[]): NumberSummary | undefined {
  const [first] = values
  if (first === undefined) return undefined
  const histogram: number[] = []
  const summary = { min: first, max: first, sum: 0, histogram }
  for (const value of values) {
    summary.min = Math.min(summary.min, value)
    summary.max = Math.max(summary.max, value)
    summary.sum += value
    const place = placeOf(value)
    while (histogram.length <= place) histogram.push(0)
    histogram[place] = (histogram[place] as number) + 1
  }
  return summary
}

/** How many values it is of. */
export function countOf ({ histogram }: NumberSummary): number {
  return histogram.reduce((sum, count) => sum + count, 0)
}

/** How many values stand in the same place of the histogram as `value`. */
export function countNear ({ histogram }: NumberSummary, value: number): number {
  return histogram[placeOf(value)] ?? 0
}

/** About how many values are below `bound`, as if those of each place were spread evenly over it. */
export function countBelow ({ histogram, min, max }: NumberSummary, bound: number): number {
  return histogram.reduce((sum, count, place) => {
    const from = Math.max(min, place === 0 ? 0 : 2 ** (place - 1))
    const to = Math.min(max, place === PLACES_MAX - 1 ? max : 2 ** place)
    return sum + count * shareBelow(from, to, bound)
  }, 0)
}

/** The share of what lies evenly between `from` and `to` that is below `bound`. */
export function shareBelow (from: number, to: number, bound: number): number {
  if (bound <= from) return 0
  return bound >= to ? 1 : (bound - from) / (to - from)
}

function placeOf (value: number): number {
  let place = 0
  for (let edge = 1; value >= edge && place < PLACES_MAX - 1; edge *= 2) place++
  return place
}

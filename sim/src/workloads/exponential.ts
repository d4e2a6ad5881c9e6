import type { Random } from '@welkin/interface'

/** Exponentially distributed: the time between events that come by chance, so many on average. */
export function drawExponential (random: Random, mean: number): number {
  return -Math.log(1 - random.unit()) * mean
}

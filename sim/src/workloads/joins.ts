import type { NodeId, Random } from '@welkin/interface'
import type { JoinsDescription } from '../scenario/schema.ts'
import { drawExponential } from './exponential.ts'

/**
 * When nodes join that are not there at the start, by their names, in milliseconds since all others have: the last ones
 * of the list, in its order. One at least is there at the start.
 */
export function planJoins (
  { share, perMinute }: JoinsDescription, names: readonly NodeId[], untilMs: number, random: Random
): Map<NodeId, number> {
  const most = names.length - 1
  const times = perMinute === undefined
    ? Array.from({ length: Math.min(most, Math.round(names.length * share)) }, () => random.unit() * untilMs)
    : drawTimes(60_000 / perMinute, untilMs, random).slice(0, most)
  const later = names.slice(names.length - times.length)
  return new Map(times.toSorted((a, b) => a - b).map((atMs, i) => [later[i] as NodeId, atMs]))
}

function drawTimes (meanMs: number, untilMs: number, random: Random): number[] {
  const times: number[] = []
  for (let atMs = drawExponential(random, meanMs); atMs < untilMs; atMs += drawExponential(random, meanMs)) {
    times.push(atMs)
  }
  return times
}

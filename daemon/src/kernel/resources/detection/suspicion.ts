/** How long a node has to deny that it is down. Milliseconds. */
export interface SuspicionBounds { minMs: number, maxMs: number }

/**
 * Milliseconds from the first accusation until a node is held to be down, when `accusers` of the `expected` that
 * watch it do not get through to it: `maxMs` for one alone, who may be the one that is cut off, down to `minMs` when
 * all agree (Dadgar et al., Lifeguard, 2017, "LHA-Suspicion"). Where nobody else watches, one is all.
 */
export function suspicionMs (accusers: number, expected: number, { minMs, maxMs }: SuspicionBounds): number {
  if (expected <= 1 || accusers >= expected) return minMs
  const agreement = Math.log(Math.max(1, accusers)) / Math.log(expected)
  return maxMs - (maxMs - minMs) * agreement
}

import type { Random } from '@welkin/interface'

interface Distant { readonly rttMs?: number | undefined }

/** What is farther by less than this is as near: a measurement is no better, and nobody notices. */
const SLACK_MS = 0.25
const SLACK_RATIO = 0.1

/** Nearest first; what is about as near in an order by chance, so that load spreads; what is unknown last. */
export function nearestFirst<T extends Distant> (items: readonly T[], random: Random | undefined): T[] {
  const order = items.toSorted((one, other) => distanceOf(one) - distanceOf(other))
  if (random === undefined) return order
  const tiers = tiersOf(order)
  return order.map((item, at) => ({ item, tier: tiers[at] ?? 0, lot: random.unit() }))
    .toSorted((one, other) => one.tier - other.tier || one.lot - other.lot)
    .map(({ item }) => item)
}

/**
 * To which group of about equally near ones each belongs, from 0, given the nearest first (within a group in any
 * order).
 */
export function tiersOf (order: readonly Distant[]): number[] {
  let tier = 0
  let endMs: number | undefined
  return order.map(item => {
    const rttMs = distanceOf(item)
    if (endMs !== undefined && rttMs > endMs) tier++
    if (endMs === undefined || rttMs > endMs) endMs = rttMs * (1 + SLACK_RATIO) + SLACK_MS
    return tier
  })
}

function distanceOf ({ rttMs }: Distant): number {
  return rttMs ?? Number.MAX_VALUE
}

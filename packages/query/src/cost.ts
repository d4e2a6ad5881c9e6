import type { CostWeights, NodeQuery } from '@welkin/abi'
import type { CostVector, Distance, NodeView } from '@welkin/interface'
import { fullness } from './attributes.ts'
import { centresOf, type Surroundings } from './surroundings.ts'

/** What each term counts in: so much of it costs 1 with a weight of 1. */
const LATENCY_UNIT_MS = 100
const TIME_UNIT_MS = 1000

/** What a term counts that is not known: neither good nor bad. */
const UNKNOWN = 1

/** The weights where a query gives none. */
export const USUAL_WEIGHTS: Required<CostWeights> = { latency: 1, load: 1, price: 1, transfer: 1, start: 1 }

type Read<T> = (node: NodeView) => T

/**
 * What a node costs under the query's order, as one number without unit; less is better:
 *
 *     cost = latency * rttMs / 100 ms + load * (0 to 1) + price * (money for an hour of a CPU)
 *          + transfer * transferMs / 1 s + start * startDelayMs / 1 s
 *
 * each weight before what it weighs. So with equal weights 100 ms of round trip count as much as a full node, as one
 * unit of money for an hour of a CPU, and as one second of transfer or start. Where no weights are given each is 1;
 * where some are, the others are 0. What is unknown counts as if 1 stood behind its weight.
 */
export function compileCost (query: NodeQuery, surroundings: Surroundings): Read<number> {
  const order = query.order?.by === 'cost' ? query.order : undefined
  const weights = order?.weights ?? USUAL_WEIGHTS
  const distance = farthest(query, surroundings)
  const everyTerm: Array<{ name: keyof CostWeights, of: Read<number | undefined>, unit: number }> = [
    { name: 'latency', of: node => distance(node)?.rttMs, unit: LATENCY_UNIT_MS },
    { name: 'load', of: fullness, unit: 1 },
    { name: 'price', of: ({ price }) => price, unit: 1 },
    { name: 'transfer', of: compileTransferMs(query, surroundings) ?? (() => 0), unit: TIME_UNIT_MS },
    { name: 'start', of: surroundings.startDelayMs ?? nothingKnown, unit: TIME_UNIT_MS }
  ]
  const terms = everyTerm.map(({ name, of, unit }) => ({ of, unit, weight: weights[name] ?? 0 }))
    .filter(({ weight }) => weight > 0)
  return node => {
    let cost = 0
    for (const { of, unit, weight } of terms) {
      const value = of(node)
      cost += weight * (value === undefined ? UNKNOWN : value / unit)
    }
    return cost
  }
}

/** What is known of what a node costs, term by term. */
export function compileCostVector (query: NodeQuery, surroundings: Surroundings): Read<CostVector> {
  const { bandwidthBytesPerSecond = nothingKnown, startDelayMs = nothingKnown } = surroundings
  const distance = farthest(query, surroundings)
  const transferMs = compileTransferMs(query, surroundings) ?? nothingKnown
  return node => {
    const { rttMs, errorMs: rttErrorMs } = distance(node) ?? {}
    return withoutUnknown({
      rttMs,
      rttErrorMs,
      bandwidthBytesPerSecond: bandwidthBytesPerSecond(node),
      transferMs: transferMs(node),
      startDelayMs: startDelayMs(node),
      price: node.price,
      load: fullness(node),
      ageMs: node.ageMs
    })
  }
}

/** The distance of a node from the farthest of the query's centres; undefined where that from one is unknown. */
function farthest (query: NodeQuery, { distanceFrom }: Surroundings): Read<Distance | undefined> {
  const distances = centresOf(query).map(distanceFrom)
  return node => {
    let far: Distance | undefined
    for (const distanceTo of distances) {
      const distance = distanceTo(node)
      if (distance === undefined) return undefined
      if (far === undefined || distance.rttMs > far.rttMs) far = distance
    }
    return far
  }
}

/** Undefined where the query speaks of no bytes. */
function compileTransferMs ({ order }: NodeQuery, surroundings: Surroundings): Read<number | undefined> | undefined {
  const { bandwidthBytesPerSecond = nothingKnown } = surroundings
  const bytes = order?.by === 'cost' ? order.bytes : undefined
  if (bytes === undefined) return undefined
  return node => {
    const bandwidth = bandwidthBytesPerSecond(node)
    return bandwidth === undefined ? undefined : 1000 * bytes / bandwidth
  }
}

function withoutUnknown (vector: CostVector): CostVector {
  return Object.fromEntries(Object.entries(vector).filter(([, value]) => value !== undefined)) as unknown as CostVector
}

function nothingKnown (): undefined {
  return undefined
}

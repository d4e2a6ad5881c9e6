import { CoordinateEstimator, distanceMs, estimate, NearestSearch, NeighbourSet } from '@welkin/coordinates'
import { drawInteger, shuffled, type Random } from '@welkin/interface'
import { mean, quantile } from '../statistics.ts'
import type { NamedMatrix } from './matrices.ts'
import { PlainVivaldi, plainDistanceMs } from './vivaldi.ts'

/** A way to place nodes: all take one sample a round, of what the others said at its beginning. */
interface Method {
  round (): void
  /** As estimated after the rounds so far. */
  distanceMs (from: number, to: number): number
  /** How much that may be off; Infinity: it does not say. */
  errorMs (from: number, to: number): number
}

const PLAIN_NEIGHBOURS = 32

export function ourMethod (matrix: NamedMatrix, random: Random): Method {
  const nodes = Array.from({ length: matrix.size }, (_, node) => {
    const own = random.fork(`node ${node}`)
    return { estimator: new CoordinateEstimator(own), neighbours: new NeighbourSet(own) }
  })
  const peersOf = nodes.map((_, node) => others(matrix, node))
  let published = nodes.map(({ estimator }) => estimator.coordinate)
  return {
    round: () => {
      for (const [node, { estimator, neighbours }] of nodes.entries()) {
        const known = () => (peersOf[node] ?? []).map(peer => ({ id: `${peer}`, coordinate: published[peer] }))
        const peer = Number(neighbours.next(estimator.coordinate, known))
        const rttMs = matrix.rttMs(node, peer)
        if (rttMs !== undefined) estimator.observe(`${peer}`, at(published, peer), rttMs)
      }
      published = nodes.map(({ estimator }) => estimator.coordinate)
    },
    distanceMs: (from, to) => distanceMs(at(published, from), at(published, to)),
    errorMs: (from, to) => estimate(at(published, from), at(published, to)).errorMs
  }
}

export function plainMethod (matrix: NamedMatrix, random: Random): Method {
  const nodes = Array.from({ length: matrix.size }, (_, node) => new PlainVivaldi(random.fork(`node ${node}`)))
  const neighbours = nodes.map((_, node) => shuffled(random, others(matrix, node)).slice(0, PLAIN_NEIGHBOURS))
  let published = nodes.map(({ coordinate }) => coordinate)
  return {
    round: () => {
      for (const [node, estimator] of nodes.entries()) {
        const mine = neighbours[node] as number[]
        const peer = mine[drawInteger(random, mine.length)] as number
        estimator.observe(at(published, peer), matrix.rttMs(node, peer) as number)
      }
      published = nodes.map(({ coordinate }) => coordinate)
    },
    distanceMs: (from, to) => plainDistanceMs(at(published, from), at(published, to)),
    errorMs: () => Number.POSITIVE_INFINITY
  }
}

/** Over all pairs that were measured: the relative error, and how many lie within the error bar. */
export function judge (matrix: NamedMatrix, method: Method): { median: number, p90: number, within: number } {
  const errors: number[] = []
  let within = 0
  for (let from = 0; from < matrix.size; from++) {
    for (const to of others(matrix, from)) {
      const rttMs = matrix.rttMs(from, to) as number
      const offMs = Math.abs(method.distanceMs(from, to) - rttMs)
      errors.push(offMs / rttMs)
      if (offMs <= method.errorMs(from, to)) within++
    }
  }
  return { median: quantile(errors, 0.5), p90: quantile(errors, 0.9), within: within / errors.length }
}

/** How much farther than the nearest of ten is the one that is chosen, mean in ms; by estimates, then with probes. */
export function nearestPenaltyMs (
  matrix: NamedMatrix, method: Method, random: Random, { trials, probes }: { trials: number, probes: number }
): number {
  return mean(Array.from({ length: trials }, () => {
    const from = drawInteger(random, matrix.size)
    const ten = shuffled(random, others(matrix, from)).slice(0, 10)
    const trueMs = (to: number): number => matrix.rttMs(from, to) as number
    const search = new NearestSearch(ten.map(to => {
      return { id: `${to}`, rttMs: method.distanceMs(from, to), errorMs: method.errorMs(from, to) }
    }), probes)
    for (let id = search.next(); id !== undefined; id = search.next()) search.observe(id, trueMs(Number(id)))
    return trueMs(Number(search.order()[0])) - Math.min(...ten.map(trueMs))
  }))
}

function others (matrix: NamedMatrix, node: number): number[] {
  return Array.from({ length: matrix.size }, (_, peer) => peer)
    .filter(peer => peer !== node && matrix.rttMs(node, peer) !== undefined)
}

function at<T> (items: readonly T[], index: number): T {
  return items[index] as T
}

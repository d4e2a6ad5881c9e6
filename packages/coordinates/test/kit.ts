import type { Coordinate, Random } from '@welkin/interface'
import { CoordinateEstimator, distanceMs } from '../src/index.ts'

/** A stream of chance that is the same in every run (mulberry32, Tommy Ettinger). */
export function chance (seed: number): Random {
  let state = seed
  const unit = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    unit,
    bytes: size => Uint8Array.from({ length: size }, () => unit() * 256),
    fork: purpose => chance(seed * 31 + [...purpose].reduce((sum, letter) => sum * 7 + letter.charCodeAt(0), 1) | 0)
  }
}

/** Nodes on a plane, each behind a line of its own: their true round trips in milliseconds. */
export function planeOf (count: number, random: Random): (from: number, to: number) => number {
  const nodes = Array.from({ length: count }, () => ({
    x: random.unit() * 100, y: random.unit() * 100, heightMs: random.unit() * 4
  }))
  return (from, to) => {
    const [a, b] = [at(nodes, from), at(nodes, to)]
    return Math.hypot(a.x - b.x, a.y - b.y) + a.heightMs + b.heightMs + 0.1
  }
}

export interface Crowd {
  estimators: CoordinateEstimator[]
  /** Every node takes a sample of some other. `say` may change what a node tells of itself. */
  round: (say?: (node: number, coordinate: Coordinate) => Coordinate) => void
  /** Median relative error over the pairs of those. */
  medianError: (nodes?: readonly number[]) => number
}

export function crowdOf (count: number, rttMs: (from: number, to: number) => number, random: Random): Crowd {
  const estimators = Array.from({ length: count }, (_, node) => new CoordinateEstimator(random.fork(`${node}`)))
  const everyone = estimators.map((_, node) => node)
  return {
    estimators,
    round: (say = (_node, coordinate) => coordinate) => {
      const told = estimators.map(({ coordinate }, node) => say(node, coordinate))
      for (const [node, estimator] of estimators.entries()) {
        const peer = (node + 1 + Math.floor(random.unit() * (count - 1))) % count
        estimator.observe(`${peer}`, told[peer] as Coordinate, rttMs(node, peer))
      }
    },
    medianError: (nodes = everyone) => {
      const errors = nodes.flatMap(from => nodes.filter(to => to !== from).map(to => {
        const estimateMs = distanceMs(at(estimators, from).coordinate, at(estimators, to).coordinate)
        return Math.abs(estimateMs - rttMs(from, to)) / rttMs(from, to)
      })).toSorted((a, b) => a - b)
      return errors[errors.length >> 1] as number
    }
  }
}

function at<T> (items: readonly T[], index: number): T {
  return items[index] as T
}

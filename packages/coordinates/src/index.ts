import type { Coordinate, NodeId, Random } from '@welkin/interface'
export function isCoordinate (_v: unknown): _v is Coordinate { return true }
export function estimate (a: Coordinate, b: Coordinate) { return { rttMs: Math.hypot(...a.vector.map((x, i) => x - (b.vector[i] ?? 0))) + a.heightMs + b.heightMs, errorMs: 1 } }
export class CoordinateEstimator {
  coordinate: Coordinate = { vector: [0, 0, 0], heightMs: 0.1, error: 1 }
  constructor (_random: Random) {}
  observe (_peer: NodeId, _c: Coordinate, _rtt: number, _now: number): 'taken' | 'refused' { return 'taken' }
  forget (_peer: NodeId): void {}
}
export class NeighbourSet { constructor (_random: Random) {} }

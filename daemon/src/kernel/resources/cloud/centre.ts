import type { Coordinate, NodeView } from '@welkin/interface'

/**
 * About where nodes stand: the mean of their vectors, without height, and the distance from there to the farthest,
 * heights and doubts included, so that no node is nearer to anything than distance from the centre less the radius.
 */
export function centreOf (nodes: readonly NodeView[]): { coordinate: Coordinate, radiusMs: number } | undefined {
  const placed = nodes.flatMap(({ coordinate }) => coordinate === undefined || coordinate.error >= 1 ? [] : coordinate)
  const [first] = placed
  // Of a node that does not know where it is, nothing can be said.
  if (first === undefined || placed.length < nodes.length) return undefined
  const meanOf = (valueOf: (point: Coordinate) => number): number =>
    placed.reduce((sum, point) => sum + valueOf(point), 0) / placed.length
  const vector = first.vector.map((_, i) => meanOf(point => point.vector[i] ?? 0))
  const radiusMs = Math.max(...placed.map(point =>
    Math.hypot(...vector.map((ms, i) => ms - (point.vector[i] ?? 0))) + point.heightMs))
  return { coordinate: { vector, heightMs: 0, error: meanOf(({ error }) => error) }, radiusMs }
}

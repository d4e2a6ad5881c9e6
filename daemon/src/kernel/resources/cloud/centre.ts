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
  const vector = first.vector.map((_, i) => placed.reduce((sum, point) => sum + (point.vector[i] ?? 0), 0) / placed.length)
  const radiusMs = Math.max(...placed.map(point =>
    Math.hypot(...vector.map((ms, i) => ms - (point.vector[i] ?? 0))) + point.heightMs))
  const error = placed.reduce((sum, point) => sum + point.error, 0) / placed.length
  return { coordinate: { vector, heightMs: 0, error }, radiusMs }
}

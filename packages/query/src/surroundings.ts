import type { NodeQuery } from '@welkin/abi'
import type { Coordinate, Distance, NodeId, NodeView } from '@welkin/interface'
import { clausesOf } from './check.ts'

/** As a target: the node that is asked. */
export const HERE = 'here'

/** Something at the far end of a distance: a node, or the centre of a site, which has no id. */
export interface Place {
  readonly id?: NodeId | undefined
  readonly coordinate?: Coordinate | undefined
}

/** What a query needs to know that nodes do not tell of themselves. */
export interface Surroundings {
  /**
   * How far places are from a target (see `targetsOf`), as far as that is known. What it gives is called for every
   * node, so whatever can be looked up beforehand should be.
   */
  distanceFrom: (target: string) => (place: Place) => Distance | undefined
  /** What to expect of a transfer to the node; above 0. */
  bandwidthBytesPerSecond?: (node: NodeView) => number | undefined
  /** How long an object would wait there for its image and its driver; 0: both are ready. */
  startDelayMs?: (node: NodeView) => number | undefined
}

/** Every target whose distances the query needs, each once; `HERE` among them where no other place is its centre. */
export function targetsOf (query: NodeQuery): string[] {
  const bounds = query.where === undefined ? [] : clausesOf(query.where)
  const targets = bounds.flatMap(clause => clause.kind === 'rtt' ? [clause.target] : [])
  return [...new Set([...targets, ...centresOf(query)])]
}

/** From where the distances count that a query orders nodes by and tells of them. */
export function centresOf ({ order }: NodeQuery): readonly string[] {
  if (order?.by === 'rtt') return [order.target]
  return (order?.by === 'cost' ? order.near : undefined) ?? [HERE]
}

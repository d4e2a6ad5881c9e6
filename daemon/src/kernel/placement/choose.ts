import type { NodeQuery, ObjectSpec } from '@welkin/abi'
import { zoneContains, type AbortOptions, type NodeId, type NodeView } from '@welkin/interface'
import { parseQuery } from '@welkin/query'
import { Pool, type PoolPorts } from './pool.ts'

/** Where something is wanted: a place or a query, near to some places, away from others. */
export interface WantedPlace {
  to?: string | NodeQuery | undefined
  near?: readonly string[] | undefined
  awayFrom?: readonly string[] | undefined
}

/** What no name of a place has. */
const QUERY_TEXT = /[\s<>=~]/

/** The nodes that an object of this spec could go to, the best first. Rejects as `Pool.found` does, EINVAL (query). */
export async function chooseNodes (
  ports: PoolPorts, spec: ObjectSpec, { to, near, awayFrom = [] }: WantedPlace, { signal }: AbortOptions
): Promise<NodeId[]> {
  const isText = typeof to === 'string'
  const asked: NodeQuery = isText && QUERY_TEXT.test(to) ? parseQuery(to) : isText || to === undefined ? {} : to
  const on = isText && !QUERY_TEXT.test(to) ? to : undefined
  const query: NodeQuery = near === undefined ? asked : { ...asked, order: { by: 'cost', near: [...near] } }
  const pool = new Pool(ports, { on, query, spec, signal: signal ?? new AbortController().signal }, 1)
  await pool.found()
  const isAway = ({ id, name, zone }: NodeView): boolean =>
    !awayFrom.some(place => place === id || place === name || zoneContains(place, zone))
  return pool.nodes().flatMap(({ node }) => isAway(node) ? node.id : [])
}

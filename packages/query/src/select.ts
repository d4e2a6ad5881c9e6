import type { NodeQuery } from '@welkin/abi'
import { siteOf, type CostVector, type NodeView } from '@welkin/interface'
import { Best } from './best.ts'
import { checkQuery } from './check.ts'
import { compileCostVector } from './cost.ts'
import { compileCondition } from './matcher.ts'
import { compileOrder, type Order } from './order.ts'
import { SpreadBest } from './spread-best.ts'
import type { Surroundings } from './surroundings.ts'

/** A node that was chosen, and what it costs. */
export interface Selected { node: NodeView, cost: CostVector }

/** `rows` in the query's order; `matched` counts also the nodes that its limit leaves out. */
export interface Selection { rows: Selected[], matched: number }

/**
 * The nodes that the query asks for, in its order; without one, and among equals, in the order in which they are given.
 * Looks at each node once, and sorts only what it gives. Throws EINVAL as `checkQuery` does.
 */
export function select (query: NodeQuery, nodes: Iterable<NodeView>, surroundings: Surroundings): Selection {
  checkQuery(query)
  const { best, matched } = collect(query, nodes, surroundings, compileOrder(query, surroundings) as Order<unknown>)
  const costOf = compileCostVector(query, surroundings)
  return { rows: best.map(node => ({ node, cost: costOf(node) })), matched }
}

function collect<Key> (
  query: NodeQuery, nodes: Iterable<NodeView>, surroundings: Surroundings, { keyOf, compare }: Order<Key>
): { best: NodeView[], matched: number } {
  const { where, limit = Number.POSITIVE_INFINITY, spread } = query
  const isMatch = compileCondition(where, surroundings)
  // Each row is a node of its own, so to spread over nodes takes nothing more.
  const best = spread === 'rack' || spread === 'site'
    ? new SpreadBest<Key, NodeView>(limit, compare, spread === 'rack' ? zoneOf : siteOfNode)
    : new Best<Key, NodeView>(limit, compare)
  let matched = 0
  for (const node of nodes) {
    if (isMatch(node)) best.offer(keyOf(node), matched++, node)
  }
  return { best: best.inOrder().map(({ value }) => value), matched }
}

function zoneOf ({ zone }: NodeView): string {
  return zone
}

function siteOfNode ({ zone }: NodeView): string {
  return siteOf(zone)
}

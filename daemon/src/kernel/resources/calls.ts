import type { Cancel, CostVector, Measurement, Membership, NodeView } from '@welkin/interface'
import { HERE, parseQuery } from '@welkin/query'
import type { Calls } from '../../dispatch/index.ts'
import type { Finder } from './find/finder.ts'

export interface ResourceCallPorts { calls: Calls, membership: Membership, finder: Finder, measurement: Measurement }

/** Serves `nodes`, `find` and `distance`. */
export function serveResources ({ calls, membership, finder, measurement }: ResourceCallPorts): Cancel[] {
  return [
    calls.serve('nodes', async ({ scope }, { signal }) => {
      const { nodes, silent } = scope === 'site'
        ? { nodes: membership.nodes(), silent: [] }
        : await membership.everyone({ signal })
      return { nodes: nodes.map(plainNode), ...silent.length === 0 ? {} : { silent: [...silent] } }
    }),
    calls.serve('find', async ({ query: asked, scope, places, probes }, { signal }) => {
      const query = typeof asked === 'string' ? parseQuery(asked) : asked
      const known = places === undefined ? undefined : new Map(Object.entries(places))
      const { rows, matched, silent, why } = await finder.find({ query, scope, places: known, probes }, { signal })
      return {
        rows: rows.map(({ node, cost }) => ({ node: plainNode(node), cost: plainCost(cost) })),
        matched,
        silent,
        ...why === undefined ? {} : { why }
      }
    }),
    calls.serve('distance', async ({ from = HERE, to }, { signal }) => {
      const [one, other] = await finder.locate([from, to] as const, { signal })
      const isDown = [one, other].some(place => (place as Partial<NodeView>).state === 'down')
      // Distance is not reachability: a node that is down is at no distance.
      const distance = isDown ? undefined : measurement.distance(one, other)
      const peer = one.id === membership.self ? other.id : one.id
      const isFromHere = one.id === membership.self || other.id === membership.self
      const way = isFromHere && peer !== undefined ? measurement.way(peer) : undefined
      return { ...distance, ...way === undefined ? {} : { way } }
    })
  ]
}

function plainNode ({ addresses, drivers, coordinate, ...node }: NodeView) {
  return {
    ...node,
    addresses: [...addresses],
    drivers: [...drivers],
    ...coordinate === undefined ? {} : { coordinate: { ...coordinate, vector: [...coordinate.vector] } }
  }
}

function plainCost (cost: CostVector): CostVector {
  return { ...cost }
}

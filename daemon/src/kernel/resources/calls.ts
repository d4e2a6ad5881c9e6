import type { Cancel, Membership, NodeView } from '@welkin/interface'
import type { Calls } from '../../dispatch/index.ts'

/** Serves `nodes`. */
export function serveResources ({ calls, membership }: { calls: Calls, membership: Membership }): Cancel {
  return calls.serve('nodes', async ({ scope }, { signal }) => {
    const { nodes, silent } = scope === 'site'
      ? { nodes: membership.nodes(), silent: [] }
      : await membership.everyone({ signal })
    return { nodes: nodes.map(asPlain), ...silent.length === 0 ? {} : { silent: [...silent] } }
  })
}

function asPlain ({ addresses, drivers, coordinate, ...node }: NodeView) {
  return {
    ...node,
    addresses: [...addresses],
    drivers: [...drivers],
    ...coordinate === undefined ? {} : { coordinate: { ...coordinate, vector: [...coordinate.vector] } }
  }
}

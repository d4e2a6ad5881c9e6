import type { Cancel, Membership } from '@welkin/interface'
import type { Calls } from '../../dispatch/index.ts'

/** Serves `nodes`. */
export function serveResources ({ calls, membership }: { calls: Calls, membership: Membership }): Cancel {
  return calls.serve('nodes', async () => ({
    nodes: membership.nodes().map(node => ({ ...node, addresses: [...node.addresses], drivers: [...node.drivers] }))
  }))
}

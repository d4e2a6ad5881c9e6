/** Relays says through whom a peer is best reached to which there is no direct way: the sum of both legs decides. */
import type { Located, Measurement, Membership, NodeId, NodeView, Relays } from '@welkin/interface'
import { nearestFirst } from './nearest-first.ts'

interface RelaysPorts {
  membership: Membership
  measurement: Measurement
}

/**
 * For the Transport. Among those that this node speaks with, those that the peer speaks with, as far as that is known
 * here, and those that it has met of other sites; nobody is asked for it. Whoever takes part in the cloud may relay.
 */
export function createRelays ({ membership, measurement }: RelaysPorts): Relays {
  const { self } = membership
  return {
    admits: () => true,
    through: peer => {
      const known = new Map<NodeId, Located>()
      for (const located of membership.contacts()) if (located.id !== undefined) known.set(located.id, located)
      for (const view of [...membership.around(self), ...membership.around(peer)]) {
        if (isWell(view)) known.set(view.id, view)
        else known.delete(view.id)
      }
      known.delete(self)
      known.delete(peer)
      const target = membership.node(peer) ?? { id: peer }
      return nearestFirst(Array.from(known, ([id, located]) => ({
        id,
        hereMs: measurement.distance({ id: self }, located)?.rttMs,
        thereMs: measurement.distance(located, target)?.rttMs
      })))
    }
  }
}

function isWell ({ state, suspected }: NodeView): boolean {
  return state === 'up' && suspected !== true
}

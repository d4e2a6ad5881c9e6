import type { NodeId } from '@welkin/interface'
import { compareDistance, type Point } from '@welkin/kademlia'
import type { Changes, KnownNode } from './known-nodes.ts'

/** Whether a change among the nodes changes who is to keep what stands at `point`. */
export function isAffected (
  point: Point, holders: readonly NodeId[], { added, removed }: Changes,
  { replicas, farthest }: { replicas: number, farthest: Point | undefined }
): boolean {
  if (removed.some(id => holders.includes(id))) return true
  if (added.length === 0) return false
  if (holders.length < replicas || farthest === undefined) return true
  return added.some((node: KnownNode) => compareDistance(point, node.point, farthest) < 0)
}

/** Who may lack a record, and whether this node is the first that is to bring it. */
export interface Heirs { ids: NodeId[], isFirst: boolean }

/**
 * To whom this node hands a record over, as its holders have changed from `before` to `after`, each nearest first: to
 * those that are new. The nearest of the others is the first to do so, and the rest make sure of it after that, since
 * it may have come back with nothing itself. A node that is no holder any more gives it to the nearest one.
 */
export function heirsOf (self: NodeId, before: readonly NodeId[], after: readonly NodeId[]): Heirs {
  if (!after.includes(self)) return { ids: after.slice(0, 1), isFirst: true }
  const first = after.find(id => before.includes(id)) ?? after[0]
  return { ids: after.filter(id => !before.includes(id) && id !== self), isFirst: first === self }
}

/** With whom a holder compares: the next of the holders, so that each record has a ring of comparers. */
export function successorOf (holders: readonly NodeId[], self: NodeId): NodeId | undefined {
  const place = holders.indexOf(self)
  const next = place < 0 ? undefined : holders[(place + 1) % holders.length]
  return next === self ? undefined : next
}

/** Whether `self` is the one that `peer` compares with. */
export function shares (holders: readonly NodeId[], peer: NodeId, self: NodeId): boolean {
  return successorOf(holders, peer) === self
}

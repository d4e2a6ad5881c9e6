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

/**
 * To whom this node hands a record over, as its holders have changed from `before` to `after`, each nearest first: to
 * those that are new, if it is the nearest of those that are not; and where it is no holder any more, to the nearest
 * one, which looks after the others. So each newcomer is served by one.
 */
export function heirsOf (self: NodeId, before: readonly NodeId[], after: readonly NodeId[]): NodeId[] {
  if (!after.includes(self)) return after.slice(0, 1)
  const first = after.find(id => before.includes(id)) ?? after[0]
  return first === self ? after.filter(id => !before.includes(id) && id !== self) : []
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

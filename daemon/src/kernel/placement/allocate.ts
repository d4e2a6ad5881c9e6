import type { NodeId } from '@welkin/interface'
import { Heap } from './heap.ts'

/** A node that might take objects. */
export interface Candidate {
  id: NodeId
  /** How many more it takes, as far as known. */
  room: number
  /** What it costs to give it one more, when it has been given so many; never less for more. */
  costWith: (given: number) => number
  /** Objects are spread over these: first a group that has fewest of them. */
  group: string
}

/** `cost`: of the next; `index`: its place among the candidates. */
interface Share { candidate: Candidate, index: number, given: number, cost: number }

/** Candidates that count as one when objects are spread. */
interface Group { shares: Heap<Share>, given: number }

/**
 * Gives out `count` objects one after the other, each to the group that has fewest of them, and there to the candidate
 * that costs least by then; among equals the earlier candidate wins, so the caller shuffles. Objects for which nobody
 * has room are left out of the result.
 */
export function allocate (candidates: readonly Candidate[], count: number): Map<NodeId, number> {
  const shares = candidates.map((candidate, index): Share =>
    ({ candidate, index, given: 0, cost: candidate.costWith(0) })).filter(({ candidate: { room } }) => room > 0)
  const groups = new Heap(groupsOf(shares), isGroupBefore)
  for (let placed = 0; placed < count; placed++) {
    const group = groups.top
    const share = group?.shares.top
    if (group === undefined || share === undefined) break
    group.given++
    share.given++
    share.cost = share.candidate.costWith(share.given)
    if (share.given >= share.candidate.room) group.shares.removeTop()
    else group.shares.sinkTop()
    if (group.shares.top === undefined) groups.removeTop()
    else groups.sinkTop()
  }
  return new Map(shares.filter(({ given }) => given > 0).map(({ candidate: { id }, given }) => [id, given]))
}

function groupsOf (shares: readonly Share[]): Group[] {
  const byName = new Map<string, Share[]>()
  for (const share of shares) {
    const { group } = share.candidate
    const known = byName.get(group)
    if (known === undefined) byName.set(group, [share])
    else known.push(share)
  }
  return Array.from(byName.values(), members => ({ shares: new Heap(members, isBefore), given: 0 }))
}

function isGroupBefore (a: Group, b: Group): boolean {
  return a.given < b.given || (a.given === b.given && isBefore(a.shares.top as Share, b.shares.top as Share))
}

function isBefore (a: Share, b: Share): boolean {
  return a.cost < b.cost || (a.cost === b.cost && a.index < b.index)
}

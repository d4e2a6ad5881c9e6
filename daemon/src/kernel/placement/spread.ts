import type { NodeId } from '@welkin/interface'

/** A node that might take objects. */
export interface Candidate {
  id: NodeId
  /** Objects that it has, as far as known. */
  objects: number
  /** How many more it takes, as far as known. */
  room: number
  cpuCount: number
}

/** `crowding`: objects per CPU, with what it was given; `index`: its place among the candidates. */
interface Share { candidate: Candidate, index: number, given: number, crowding: number }

/**
 * Spreads `count` objects so that each goes where fewest objects per CPU are by then; among equals the earlier
 * candidate wins, so the caller shuffles. Objects for which nobody has room are left out of the result.
 */
export function spread (candidates: readonly Candidate[], count: number): Map<NodeId, number> {
  const shares = candidates.map((candidate, index): Share => ({
    candidate, index, given: 0, crowding: crowdingOf(candidate, 0)
  }))
  // A binary heap, the next to be given something on top; a sorted list is one.
  const heap = shares.filter(({ candidate: { room } }) => room > 0).toSorted((a, b) => isBefore(a, b) ? -1 : 1)
  for (let placed = 0; placed < count; placed++) {
    const [top] = heap
    if (top === undefined) break
    top.given++
    top.crowding = crowdingOf(top.candidate, top.given)
    if (top.given >= top.candidate.room) removeTop(heap)
    else sinkTop(heap)
  }
  return new Map(shares.filter(({ given }) => given > 0).map(({ candidate: { id }, given }) => [id, given]))
}

function crowdingOf ({ objects, cpuCount }: Candidate, given: number): number {
  return (objects + given) / Math.max(1, cpuCount)
}

function isBefore (a: Share, b: Share): boolean {
  return a.crowding < b.crowding || (a.crowding === b.crowding && a.index < b.index)
}

function removeTop (heap: Share[]): void {
  const last = heap.pop() as Share
  if (heap.length === 0) return
  heap[0] = last
  sinkTop(heap)
}

/** Puts the top where it belongs after it came to be worth less. */
function sinkTop (heap: Share[]): void {
  const top = heap[0] as Share
  let at = 0
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]]
    if (left === undefined) break
    const [child, place] = right !== undefined && isBefore(right, left) ? [right, 2 * at + 2] : [left, 2 * at + 1]
    if (isBefore(top, child)) break
    heap[at] = child
    at = place
  }
  heap[at] = top
}

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

/**
 * Spreads `count` objects so that each goes where fewest objects per CPU are by then; among equals the earlier candidate
 * wins, so the caller shuffles. Objects for which nobody has room are left out of the result.
 */
export function spread (candidates: readonly Candidate[], count: number): Map<NodeId, number> {
  const shares = candidates.map(candidate => ({ ...candidate, given: 0 }))
  const crowding = ({ objects, given, cpuCount }: typeof shares[number]): number => (objects + given) / Math.max(1, cpuCount)
  for (let placed = 0; placed < count; placed++) {
    let best: typeof shares[number] | undefined
    for (const share of shares) {
      if (share.given >= share.room) continue
      if (best === undefined || crowding(share) < crowding(best)) best = share
    }
    if (best === undefined) break
    best.given++
  }
  return new Map(shares.filter(({ given }) => given > 0).map(({ id, given }) => [id, given]))
}

import type { NodeId } from '@welkin/interface'

/** A node with the round trips to it from here, and from it to who is to be reached; undefined: not known. */
export interface Candidate { id: NodeId, hereMs: number | undefined, thereMs: number | undefined }

/** More than there are tried: some may have no way. */
const RELAYS_MAX = 8
/** What counts for a round trip that nobody has measured: it comes after all that are usual on Earth. */
const UNKNOWN_MS = 1000

/** The nearest of them by the sum of both legs; in order of their ids where that is the same. Pure. */
export function nearestFirst (candidates: readonly Candidate[]): NodeId[] {
  const costMs = ({ hereMs = UNKNOWN_MS, thereMs = UNKNOWN_MS }: Candidate): number => hereMs + thereMs
  return candidates.map(candidate => ({ id: candidate.id, costMs: costMs(candidate) }))
    .toSorted((a, b) => a.costMs - b.costMs || (a.id < b.id ? -1 : 1))
    .slice(0, RELAYS_MAX).map(({ id }) => id)
}

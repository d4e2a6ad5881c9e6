import type { NodeId } from '@welkin/interface'

/**
 * Which node may run an object whose checkpoints are kept by others (its keepers), so that one of them can go on when
 * its node fails, and two never run:
 *
 *   - to run, a node needs the word of *any* keeper, given less than a lease ago, counted from when it asked;
 *   - to take over, a keeper needs the word of *every other* keeper, and each gives it only when it has let nobody run
 *     the object for longer than a lease, counted from when it was asked, with a margin for clocks that differ.
 *
 * Whichever keeper has let the node run stands in the way of whoever wants to take over. What a keeper has said it
 * remembers over its own restarts, except when it was last asked: for that it takes its start.
 */
export interface Kept {
  /** Who has it by right, as far as this keeper knows, and the how manieth place of the object that is. */
  holder: NodeId
  epoch: number
  /** Another keeper that was given the word to take it over. */
  yielded: NodeId | undefined
  /** It was here, and is elsewhere: others keep it now. */
  released: boolean
}

/** One place of an object. */
export interface PlaceOf { node: NodeId, epoch: number }

/** How much longer than a lease a keeper waits: clocks of machines differ by parts of a thousand. */
export const MARGIN = 1.25

export type Answer = 'run' | 'wait' | 'end'

/**
 * What a keeper says to a node that wants to run the object, which was at `places` before: it may; it may not now,
 * since another may be taking it over; it never may again, since another has it.
 */
export function mayRun (kept: Kept | undefined, asking: PlaceOf, places: readonly PlaceOf[]): Answer {
  if (kept === undefined) return 'run'
  const { holder, epoch, yielded } = kept
  const isKnown = [asking, ...places].some(place => place.node === holder && place.epoch === epoch)
  // Whom it is yielded to has it, when he says so.
  if (yielded !== undefined) return asking.node === yielded && asking.epoch > epoch ? 'run' : 'wait'
  if (isKnown) return 'run'
  return asking.epoch > epoch ? 'wait' : 'end'
}

/** Whether a keeper gives another its word; `silentMs`: since it let anybody run the object. */
export function mayYield (
  kept: Kept | undefined, asking: PlaceOf, { silentMs, leaseMs }: { silentMs: number, leaseMs: number }
): boolean {
  if (kept === undefined || kept.released || asking.epoch <= kept.epoch || silentMs <= leaseMs * MARGIN) return false
  return kept.yielded === undefined || kept.yielded === asking.node
}

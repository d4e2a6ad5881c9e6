/** The losses of one node in a row. */
export interface Losses { readonly count: number, readonly lastMs: number }

export const NO_LOSSES: Losses = { count: 0, lastMs: 0 }

/** So many losses in a row are nothing unusual: a reboot, and one more. */
const USUAL = 2
/** A node that has not been lost for so long begins anew. */
const MEMORY_MS = 600_000
const FIRST_MS = 15_000
const PROBATION_MS_MAX = 300_000

/** With one more, that was just found. Milliseconds. */
export function afterLoss ({ count, lastMs }: Losses, nowMs: number): Losses {
  return { count: count > 0 && nowMs - lastMs < MEMORY_MS ? count + 1 : 1, lastMs: nowMs }
}

/**
 * Milliseconds for which a node must be heard again before it counts as up: nothing at first, then twice as long with
 * each further loss, so that one that comes and goes does not keep its whole site busy (after Villamizar et al., BGP
 * Route Flap Damping, RFC 2439, 1998).
 */
export function probationMs ({ count }: Losses): number {
  return count <= USUAL ? 0 : Math.min(PROBATION_MS_MAX, FIRST_MS * 2 ** (count - USUAL - 1))
}

/** A process that has ended: what of its CPU time is known, and for how long it has not been looked at. */
export interface Ended { knownSeconds: number, unseenMs: number }

/**
 * Divides CPU time that is known as a sum among processes that ended in one moment: each gets what is known of it, and
 * of the rest as much as it had time for. All of it is given out, so that sums over tasks are right.
 */
export function divideSeconds (seconds: number, ended: readonly Ended[]): number[] {
  const known = ended.reduce((sum, { knownSeconds }) => sum + knownSeconds, 0)
  const unseenMs = ended.reduce((sum, each) => sum + each.unseenMs, 0)
  const rest = Math.max(0, seconds - known)
  return ended.map(each => each.knownSeconds + rest * (unseenMs > 0 ? each.unseenMs / unseenMs : 1 / ended.length))
}

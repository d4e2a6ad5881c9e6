/** Bytes that passed through devices, by their names, in either direction. */
export type ByteCounts = ReadonlyMap<string, readonly [inward: number, outward: number]>

export interface ByteRates { inward: number, outward: number }

/**
 * Bytes per second between two readings, over the devices that are in both: one that has just come may have counted
 * for long elsewhere. A count that has gone back was started anew, and adds nothing. `elapsedMs`: above 0.
 */
export function byteRates (before: ByteCounts, now: ByteCounts, elapsedMs: number): ByteRates {
  let inward = 0
  let outward = 0
  for (const [device, counts] of now) {
    const earlier = before.get(device)
    if (earlier === undefined) continue
    inward += Math.max(0, counts[0] - earlier[0])
    outward += Math.max(0, counts[1] - earlier[1])
  }
  return { inward: inward * 1000 / elapsedMs, outward: outward * 1000 / elapsedMs }
}

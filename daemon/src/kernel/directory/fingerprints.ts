import type { Keys } from '@welkin/interface'

/** Of a key the first eight bytes of its point, of a record the first eight of its hash. */
export const FINGERPRINT_BYTES = 16

/** By what two holders see whether they have the same, without sending it. */
export function fingerprintOf (
  point: Uint8Array, record: Uint8Array, { digest }: Pick<Keys, 'digest'>
): Uint8Array {
  const fingerprint = new Uint8Array(FINGERPRINT_BYTES)
  fingerprint.set(point.subarray(0, 8))
  fingerprint.set(digest().update(record).done().subarray(0, 8), 8)
  return fingerprint
}

/** One digest of many, in whatever order they come: their XOR, which honest holders agree on. */
export function sumOf (fingerprints: Iterable<Uint8Array>): Uint8Array {
  const sum = new Uint8Array(FINGERPRINT_BYTES)
  for (const fingerprint of fingerprints) {
    for (let at = 0; at < FINGERPRINT_BYTES; at++) sum[at] = (sum[at] as number) ^ (fingerprint[at] as number)
  }
  return sum
}

/** 32 bits; the first ones of a statement are of its signature, and so as good as drawn by chance. */
export function wordIn (bytes: Uint8Array, at = 0): number {
  const byteAt = (place: number): number => bytes[at + place] as number
  return ((byteAt(0) << 24) | (byteAt(1) << 16) | (byteAt(2) << 8) | byteAt(3)) >>> 0
}

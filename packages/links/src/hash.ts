const FRACTION_BITS = 53

/**
 * A number in [0, 1) that follows from `text` alone, on every machine: chance without a state, so that it does not
 * matter who asks first. bryc's cyrb53, with the last mixing of MurmurHash3. Not for secrets.
 */
export function unitOf (text: string): number {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    high = Math.imul(high ^ unit, 2654435761)
    low = Math.imul(low ^ unit, 1597334677)
  }
  const mixedHigh = mix(high, low)
  const mixedLow = mix(low, mixedHigh)
  return ((mixedLow >>> 0) * 2 ** (FRACTION_BITS - 32) + (mixedHigh >>> 11)) / 2 ** FRACTION_BITS
}

function mix (word: number, other: number): number {
  return Math.imul(word ^ (word >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909)
}

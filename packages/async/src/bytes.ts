import { CloudError } from '@welkin/interface/errors'

export function concatBytes (parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.byteLength, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole
}

/** All bytes of `source` as one; rejects E2BIG past `bytesMax`. */
export async function collectBytes (
  source: AsyncIterable<Uint8Array>, bytesMax = Number.POSITIVE_INFINITY
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of source) {
    size += part.byteLength
    if (size > bytesMax) {
      throw new CloudError('E2BIG', `More than ${bytesMax} bytes came; ask for a part.`, { fields: { bytesMax } })
    }
    parts.push(part)
  }
  return concatBytes(parts)
}

import { decode, encode } from '@welkin/abi'
import type { Coordinate } from '@welkin/interface'

/** Answered at once, with where the answering node stands; whatever is sent is dropped. */
export const ECHO_PROTOCOL = '/welkin/echo/1'

export function packEcho ({ error, heightMs, vector }: Coordinate): Uint8Array {
  return encode([error, heightMs, ...vector])
}

/** Undefined for a node that talks nonsense; whether it is a coordinate at all is for others to judge. */
export function unpackEcho (payload: Uint8Array): Coordinate | undefined {
  const parts = decode(payload)
  if (!Array.isArray(parts) || parts.length < 3 || !parts.every(part => typeof part === 'number')) return undefined
  const [error, heightMs, ...vector] = parts as [number, number, ...number[]]
  return { vector, heightMs, error }
}

import type { Keys, NodeId } from '@welkin/interface'

/**
 * A short name for a node on the wire: the first 48 bits of its id's SHA-256, as a number. Among the thousand nodes of
 * a site two are alike with a chance of one in 10^8; the one that comes later is then not listened to.
 */
export type Handle = number

export function handleOf (id: NodeId, keys: Keys): Handle {
  const bytes = keys.digest().update(new TextEncoder().encode(id)).done()
  return Array.from(bytes.subarray(0, HANDLE_BYTES)).reduce((handle, byte) => handle * 256 + byte, 0)
}

export const HANDLE_BYTES = 6
export const HANDLE_END: Handle = 2 ** (8 * HANDLE_BYTES)

export function isHandle (value: unknown): value is Handle {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < HANDLE_END
}

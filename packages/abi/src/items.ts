import { CloudError } from '@welkin/interface'
import { decode, encode } from './envelope.ts'
import { bytes } from './schemas.ts'
import type { z } from 'zod'

/**
 * One item or reply of a row as a message: bytes go as they are, everything else as msgpack.
 * Rejects EINVAL for an item of a row of bytes that is something else.
 */
export function encodeItem (schema: z.ZodType | undefined, item: unknown): Uint8Array {
  if (schema !== bytes) return encode(item)
  if (item instanceof Uint8Array) return item
  throw new CloudError('EINVAL', `This call takes bytes, piece by piece, and was given a ${typeof item}.`)
}

/** Rejects EPROTO for what `encodeItem` did not make. */
export function decodeItem (schema: z.ZodType | undefined, message: Uint8Array): unknown {
  return schema === bytes ? message : decode(message)
}

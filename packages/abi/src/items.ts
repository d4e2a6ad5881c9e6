import { bytes } from './schemas.ts'
import { decode, encode } from './envelope.ts'
import type { z } from 'zod'

/** One item or reply of a row as a message: bytes go as they are, everything else as msgpack. */
export function encodeItem (schema: z.ZodType | undefined, item: unknown): Uint8Array {
  return schema === bytes ? item as Uint8Array : encode(item)
}

/** Rejects EPROTO for what `encodeItem` did not make. */
export function decodeItem (schema: z.ZodType | undefined, message: Uint8Array): unknown {
  return schema === bytes ? message : decode(message)
}

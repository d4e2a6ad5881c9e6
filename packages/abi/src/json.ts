import { z } from 'zod'
import { isBytes } from './schemas.ts'

/** A value of the table as JSON can hold it: bytes as base64 text. */
export function toJson (value: unknown): unknown {
  if (value instanceof Uint8Array) return toBase64(value)
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]))
  }
  return value
}

/** The other way: JSON as the schema means it. Base64 becomes bytes; what is none is left for the check to find. */
export function fromJson (schema: z.ZodType, value: unknown): unknown {
  if (isBytes(schema)) return typeof value === 'string' ? fromBase64(value) : value
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable) {
    return fromJson(schema.unwrap() as z.ZodType, value)
  }
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    return value.map(item => fromJson(schema.element as z.ZodType, item))
  }
  if (!(schema instanceof z.ZodObject) || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value
  const shape = schema.shape as Record<string, z.ZodType>
  return Object.fromEntries(Object.entries(value).map(([key, item]) => {
    const field = Object.hasOwn(shape, key) ? shape[key] : undefined
    return [key, field === undefined ? item : fromJson(field, item)]
  }))
}

function fromBase64 (text: string): Uint8Array | string {
  try {
    return Uint8Array.from(atob(text), character => character.charCodeAt(0))
  } catch {
    return text
  }
}

function toBase64 (bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(text)
}

import { z } from 'zod'
import { isBytes } from './schemas.ts'

/**
 * A schema of the table as JSON Schema 2020-12; bytes are base64 text. What contains itself stands in `$defs`.
 * `io`: as a caller writes it, or as it arrives.
 */
export function jsonSchema (schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      if (!isBytes(zodSchema)) return
      delete made['bytes']
      Object.assign(made, { type: 'string', contentEncoding: 'base64' })
    }
  }) as Record<string, unknown>
  return rest
}

/**
 * The same for a part of an OpenAPI document, in which a reference counts from the root: what contains itself is put
 * into `components`, which are to be the document's `#/components/schemas`.
 */
export function componentSchema (
  schema: z.ZodType, io: 'input' | 'output', components: Record<string, unknown>
): Record<string, unknown> {
  const { $defs = {}, ...rest } = withReferences(jsonSchema(schema, io), '#/components/schemas/')
  Object.assign(components, $defs)
  return rest
}

function withReferences (schema: Record<string, unknown>, root: string): Record<string, unknown> {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace('#/$defs/', root) : value)
  return JSON.parse(text) as Record<string, unknown>
}

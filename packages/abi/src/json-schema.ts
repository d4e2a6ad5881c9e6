import { z } from 'zod'

/**
 * A schema of the table as JSON Schema 2020-12; bytes are base64 text.
 * `io`: as a caller writes it, or as it arrives.
 */
export function jsonSchema (schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      if (z.globalRegistry.get(zodSchema)?.['bytes'] !== true) return
      delete made['bytes']
      Object.assign(made, { type: 'string', contentEncoding: 'base64' })
    }
  }) as Record<string, unknown>
  return rest
}

import { jsonSchema } from './json-schema.ts'
import type { Row } from './row.ts'
import { TABLE } from './table.ts'

/** What of each row others rely on once it is published: a golden file in the tests remembers it. */
export function publishedRows (): Record<string, unknown> {
  return Object.fromEntries(Object.entries(TABLE).map(([name, row]) => [name, published(row)]))
}

function published ({ number, at, capability, errors, input, reply, repeat, request, streams }: Row): unknown {
  return {
    number, at, capability, repeat, streams, errors,
    request: jsonSchema(request, 'input'),
    reply: jsonSchema(reply, 'output'),
    ...input === undefined ? {} : { input: jsonSchema(input, 'input') }
  }
}

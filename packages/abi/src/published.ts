import { jsonSchema } from './json-schema.ts'
import { TABLE } from './table.ts'

/** What of each row others rely on once it is published: a golden file in the tests holds it fast. */
export function publishedRows (): Record<string, unknown> {
  return Object.fromEntries(Object.entries(TABLE).map(([name, { number, at, capability, errors, input, reply, repeat, request, streams }]) => [name, {
    number, at, capability, repeat, streams, errors,
    request: jsonSchema(request, 'input'),
    reply: jsonSchema(reply, 'output'),
    ...input === undefined ? {} : { input: jsonSchema(input, 'input') }
  }]))
}

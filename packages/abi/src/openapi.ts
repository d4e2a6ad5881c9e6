import { ERRORS } from '@welkin/interface'
import { toJson } from './json.ts'
import { componentSchema } from './json-schema.ts'
import { COMMON_ERRORS, FAMILIES, type Row } from './row.ts'
import { bytes } from './schemas.ts'
import { TABLE } from './table.ts'

/** JSON Schemas by name. */
type Schemas = Record<string, unknown>

const ERROR_SCHEMA = {
  type: 'object',
  required: ['code', 'message'],
  properties: {
    code: { type: 'string', enum: Object.keys(ERRORS) },
    message: { type: 'string' },
    fields: { type: 'object' }
  }
}

/**
 * The OpenAPI 3.1 description of the table as the HTTP gateway serves it: `POST /v1/NAME`, arguments as JSON; streams
 * as server-sent events, one item each; bytes as the body (of an upload: with the arguments in the query).
 */
export function openApi (version: string): Record<string, unknown> {
  const schemas: Schemas = { Error: ERROR_SCHEMA }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Welkin system calls',
      version,
      license: { name: 'Apache-2.0 OR MIT', identifier: 'Apache-2.0 OR MIT' }
    },
    tags: Object.entries(FAMILIES).map(([name, description]) => ({ name, description })),
    security: [{ token: [] }],
    paths: Object.fromEntries(
      Object.entries(TABLE).map(([name, row]) => [`/v1/${name}`, { post: operation(name, row, schemas) }])
    ),
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The text of the file http.token in the data directory' }
      },
      schemas
    }
  }
}

function operation (name: string, row: Row, schemas: Schemas): Record<string, unknown> {
  return {
    operationId: name,
    tags: [row.family],
    summary: row.manual,
    parameters: [
      { name: 'node', in: 'query', description: 'Which node shall answer', schema: { type: 'string' } },
      {
        name: 'x-request-id',
        in: 'header',
        description: 'A repeat of the same id gets the first answer again',
        schema: { type: 'string', pattern: '^[0-9a-f]{32}$' }
      },
      { name: 'x-timeout-ms', in: 'header', schema: { type: 'number' } },
      ...(isUpload(row) ? uploadParameters(row, schemas) : [])
    ],
    requestBody: {
      required: true,
      content: isUpload(row)
        ? { 'application/octet-stream': { schema: {} } }
        : { 'application/json': asJson(row, schemas) }
    },
    responses: { 200: success(row, schemas), ...failures(row) }
  }
}

function asJson (row: Row, schemas: Schemas): object {
  return { schema: componentSchema(row.request, 'input', schemas), example: toJson(row.example) }
}

/** Whether the caller sends bytes and gets one reply: over HTTP they are the body. */
export function isUpload (row: Row): boolean {
  return row.input === bytes && !row.streams
}

/** Whether the reply is bytes: over HTTP they are the body. */
export function isDownload (row: Row): boolean {
  return row.reply === bytes && row.streams
}

function uploadParameters (row: Row, schemas: Schemas): unknown[] {
  const { properties = {} } = componentSchema(row.request, 'input', schemas) as { properties?: Schemas }
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema }))
}

function success (row: Row, schemas: Schemas): Record<string, unknown> {
  const schema = componentSchema(row.reply, 'output', schemas)
  if (isDownload(row)) return { description: 'The bytes', content: { 'application/octet-stream': { schema: {} } } }
  if (!row.streams) return { description: 'The reply', content: { 'application/json': { schema } } }
  return {
    description: 'Items as they come; the last event is `end`, or `error` with an Error',
    content: { 'text/event-stream': { schema } }
  }
}

function failures (row: Row): Record<string, unknown> {
  const byStatus = new Map<number, string[]>()
  for (const code of new Set([...COMMON_ERRORS, ...row.errors])) {
    byStatus.set(ERRORS[code].http, [...byStatus.get(ERRORS[code].http) ?? [], code])
  }
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [status, { description: codes.join(', '), content }])
  )
}

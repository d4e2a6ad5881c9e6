import { ERRORS } from '@welkin/interface'
import { toJson } from './json.ts'
import { jsonSchema } from './json-schema.ts'
import { COMMON_ERRORS, FAMILIES, type Family, type Row } from './row.ts'
import { rowOf, TABLE } from './table.ts'

interface Schema {
  type?: string | string[]
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  default?: unknown
  contentEncoding?: string
  $ref?: string
  additionalProperties?: Schema | boolean
}

/** `docs/syscalls.md`: the whole table for people. */
export function syscallManual (): string {
  const families = (Object.keys(FAMILIES) as Family[]).map(family => {
    const rows = Object.entries(TABLE).filter(([, row]) => row.family === family)
    return [`## ${family}`, FAMILIES[family], ...rows.map(([name, row]) => section(name, row))].join('\n\n')
  })
  return [
    '# System calls',
    'Generated from the table in `packages/abi` by `npm run docs`. Every call can be made through the client ' +
    'library, `welkin call NAME \'{json}\'`, the UNIX socket, libp2p (`/welkin/syscall/1`) and HTTP (`POST /v1/NAME`).',
    `Any call may give ${COMMON_ERRORS.join(', ')}. \`docs/errors.md\` says what the codes mean.`,
    ...families
  ].join('\n\n') + '\n'
}

/** One call for the terminal; undefined where there is none of that name. */
export function callManual (name: string): string | undefined {
  const row = rowOf(name)
  if (row === undefined) return undefined
  const lines = [`${name} (${row.number}) - ${row.manual}`, '', ...fields('Arguments', row.request, 'input')]
  if (row.input !== undefined) lines.push('', ...fields('Input items', row.input, 'input'))
  lines.push('', ...fields(row.streams ? 'Reply items' : 'Reply', row.reply, 'output'))
  lines.push('', `Errors: ${row.errors.join(', ') || 'only the common ones'}`)
  lines.push('', `Example: welkin call ${name} '${JSON.stringify(toJson(row.example))}'`)
  return lines.join('\n')
}

/** `docs/errors.md`. */
export function errorManual (): string {
  const rows = Object.entries(ERRORS).map(([code, { http, meaning }]) => `| ${code} | ${http} | ${meaning} |`)
  return [
    '# Errors',
    'Generated from the table in `packages/interface` by `npm run docs`. Match on the code, never on the message.',
    ['| code | HTTP | meaning |', '|---|---|---|', ...rows].join('\n')
  ].join('\n\n') + '\n'
}

function section (name: string, row: Row): string {
  const facts = [
    `number ${row.number}`,
    `needs \`${row.capability}\`${row.strangers ? ', or to be a stranger' : ''}`,
    row.at === 'object' ? 'answered where the object is' : 'answered by the asked node',
    row.repeat === 'safe' ? 'may be repeated' : 'executed once per request id'
  ]
  const parts = [`### ${name}`, row.manual, facts.join(' · '), table('argument', row.request, 'input')]
  if (row.input !== undefined) parts.push(table('input item', row.input, 'input'))
  parts.push(table(row.streams ? 'reply item' : 'reply', row.reply, 'output'))
  if (row.errors.length > 0) parts.push(`Errors: ${row.errors.join(', ')}.`)
  parts.push(["```sh", `welkin call ${name} '${JSON.stringify(toJson(row.example))}'`, '```'].join('\n'))
  return parts.join('\n\n')
}

function table (title: string, schema: Row['request'], io: 'input' | 'output'): string {
  const rows = entries(schema, io).map(([name, type, note]) => `| ${name} | ${type.replaceAll('|', '\\|')} | ${note} |`)
  return rows.length === 0 ? `No ${title}s.` : [`| ${title} | type | |`, '|---|---|---|', ...rows].join('\n')
}

function fields (title: string, schema: Row['request'], io: 'input' | 'output'): string[] {
  const rows = entries(schema, io)
  if (rows.length === 0) return [`${title}: none`]
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, type, note]) => `  ${name.padEnd(width)}  ${type}${note === '' ? '' : ` - ${note}`}`)
  return [`${title}:`, ...lines]
}

function entries (schema: Row['request'], io: 'input' | 'output'): Array<[name: string, type: string, note: string]> {
  const whole = jsonSchema(schema, io) as Schema
  if (whole.properties === undefined) return [['(item)', typeName(whole), whole.description ?? '']]
  return Object.entries(whole.properties).map(([name, field]) => {
    const optional = !(whole.required ?? []).includes(name)
    const notes = [
      field.description ?? '',
      field.default === undefined ? '' : `default ${JSON.stringify(field.default)}`
    ]
    return [optional ? `${name}?` : name, typeName(field), notes.filter(note => note !== '').join('; ')]
  })
}

function typeName (schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
  const options = schema.anyOf ?? schema.oneOf
  if (options !== undefined) return [...new Set(options.map(typeName))].join(' | ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(value => JSON.stringify(value)).join(' | ')
  if (schema.contentEncoding !== undefined) return 'bytes'
  if (schema.type === 'array') return `${wrapped(typeName(schema.items ?? {}))}[]`
  if (schema.type === 'object') {
    return schema.properties === undefined ? 'map' : objectName(schema.properties, schema.required ?? [])
  }
  return typeof schema.type === 'string' ? schema.type : 'any'
}

function objectName (properties: Record<string, Schema>, required: string[]): string {
  const names = Object.entries(properties).map(([name, field]) => {
    const mark = required.includes(name) ? '' : '?'
    const value = field.const === undefined ? '' : `: ${JSON.stringify(field.const)}`
    return `${name}${mark}${value}`
  })
  return `{ ${names.join(', ')} }`
}

function wrapped (type: string): string {
  return type.includes('|') ? `(${type})` : type
}

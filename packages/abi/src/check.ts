import { CloudError, type ErrorCode } from '@welkin/interface'
import type { z } from 'zod'
import type { Row } from './row.ts'

/** So many are told of at the most. */
const PROBLEMS_MAX = 20

/** The arguments with their defaults; EINVAL names every problem, and what the call takes. */
export function checkArgs (name: string, row: Row, args: unknown): unknown {
  return check(row.request, args ?? {}, `${name}: the arguments`)
}

/** One item that the caller sends after the request. */
export function checkInput (name: string, row: Row, item: unknown): unknown {
  if (row.input === undefined) throw new CloudError('EINVAL', `${name} takes no input.`)
  return check(row.input, item, `${name}: the input`)
}

/**
 * A reply, or one item of it, from a node that may be anybody's, without the fields that a newer node has added: these
 * are taken out of `item`. EPROTO where it is not what the row promises.
 */
export function checkReply (name: string, row: Row, item: unknown): unknown {
  const result = row.reply.safeParse(item)
  if (result.success) return result.data
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') removeFields(item, issue)
  }
  return check(row.reply, item, `${name}: the reply`, 'EPROTO')
}

function removeFields (item: unknown, { keys, path }: z.core.$ZodIssueUnrecognizedKeys): void {
  const holder = path.reduce((at, key) => (at as Record<PropertyKey, unknown>)[key], item)
  for (const key of keys) delete (holder as Record<string, unknown>)[key]
}

function check (schema: z.ZodType, value: unknown, what: string, code: ErrorCode = 'EINVAL'): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.slice(0, PROBLEMS_MAX).map(describe)
  throw new CloudError(code, `${what} cannot be used: ${problems.join('; ')}.`, { fields: { problems } })
}

function describe (issue: z.core.$ZodIssue): string {
  const at = issue.path.map(String).join('.')
  return at === '' ? issue.message : `${at}: ${issue.message}`
}

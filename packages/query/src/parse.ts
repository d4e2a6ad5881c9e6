import { QUERY_LIMITS, SPREADS, type NodeQuery } from '@welkin/abi'
import { Cursor } from './cursor.ts'
import { ConditionParser } from './parse-condition.ts'
import { readOrder } from './parse-order.ts'

const TAILS = ['order', 'limit', 'spread'] as const

/**
 * Reads the text form of a query, as of
 * `cpu.free >= 2 and (arch = x64 or drivers has wasm) and rtt(node3) < 20ms order by cost limit 20 spread rack`:
 *
 *     query = [ condition ] { "order" "by" order | "limit" number | "spread" ( "node" | "rack" | "site" ) }
 *
 * Keywords are in upper or lower case, each tail comes at most once, in any order; the empty text asks for every node.
 * Throws EINVAL with a message that shows the line and points at the character, and the fields `at`, its place in the
 * text, and `expected`, where something else would do.
 */
export function parseQuery (text: string): NodeQuery {
  const cursor = new Cursor(text)
  const query: NodeQuery = {}
  if (cursor.token.kind !== 'end' && !TAILS.some(tail => cursor.isKeyword(tail))) {
    query.where = new ConditionParser(cursor).read()
  }
  while (cursor.token.kind !== 'end') {
    const { token } = cursor
    const tail = TAILS.find(keyword => cursor.takeKeyword(keyword))
    if (tail === undefined) throw cursor.unexpected('and, or, order by, limit, spread or the end')
    if (query[tail] !== undefined) throw cursor.fault(token, `There is a second ${tail}.`)
    if (tail === 'limit') query.limit = readLimit(cursor)
    else if (tail === 'spread') query.spread = cursor.oneOf(SPREADS)
    else {
      cursor.oneOf(['by'])
      query.order = readOrder(cursor)
    }
  }
  return query
}

function readLimit (cursor: Cursor): number {
  const { token } = cursor
  const limit = cursor.amount('count', 1, QUERY_LIMITS.rowsMax)
  if (!Number.isInteger(limit)) throw cursor.fault(token, 'A limit is a whole number.')
  return limit
}

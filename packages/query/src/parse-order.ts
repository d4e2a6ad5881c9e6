import { QUERY_LIMITS, type CostWeights, type NodeOrder } from '@welkin/abi'
import { problemOfOrder } from './check.ts'
import { USUAL_WEIGHTS } from './cost.ts'
import type { Cursor } from './cursor.ts'
import { readPlace, readTarget } from './parse-condition.ts'

const TERMS = Object.keys(USUAL_WEIGHTS) as Array<keyof CostWeights>

/**
 * Reads what stands behind `order by`:
 *
 *     order   = "cost" [ "(" setting { "," setting } ")" ] [ "near" ( place | "(" place { "," place } ")" ) ]
 *             | ( "rtt" "(" place ")" | attribute ) [ "asc" | "desc" ]
 *     setting = ( "latency" | "load" | "price" | "transfer" | "start" ) "=" number | "bytes" "=" size
 */
export function readOrder (cursor: Cursor): NodeOrder {
  const { token } = cursor
  const name = cursor.name('cost, rtt(…) or an attribute')
  if (name.toLowerCase() === 'cost') return readCost(cursor)
  if (name.toLowerCase() === 'rtt' && cursor.isSymbol('(')) {
    return { by: 'rtt', target: readTarget(cursor), descending: readDescending(cursor) }
  }
  const problem = problemOfOrder(name)
  if (problem !== undefined) throw cursor.fault(token, problem)
  return { by: 'attribute', attribute: name, descending: readDescending(cursor) }
}

function readDescending (cursor: Cursor): boolean {
  if (cursor.takeKeyword('asc')) return false
  return cursor.takeKeyword('desc')
}

function readCost (cursor: Cursor): NodeOrder {
  const order: NodeOrder & { by: 'cost' } = { by: 'cost' }
  if (cursor.isSymbol('(')) cursor.list(() => { readSetting(cursor, order) })
  if (!cursor.takeKeyword('near')) return order
  const { token } = cursor
  order.near = cursor.oneOrMore(() => readPlace(cursor))
  if (order.near.length <= QUERY_LIMITS.nearMax) return order
  throw cursor.fault(token, `A cost is counted from at most ${QUERY_LIMITS.nearMax} places.`)
}

function readSetting (cursor: Cursor, order: NodeOrder & { by: 'cost' }): void {
  const { token } = cursor
  const setting = cursor.oneOf([...TERMS, 'bytes'] as const)
  const given = setting === 'bytes' ? order.bytes : order.weights?.[setting]
  if (given !== undefined) throw cursor.fault(token, `There is a second ${setting}.`)
  cursor.symbol('=')
  if (setting === 'bytes') order.bytes = cursor.amount('bytes', 0, QUERY_LIMITS.bytesMax)
  else order.weights = { ...order.weights, [setting]: cursor.amount('count', 0, QUERY_LIMITS.weightMax) }
}

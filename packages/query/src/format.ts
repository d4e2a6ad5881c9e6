import type { Condition, NodeOrder, NodeQuery } from '@welkin/abi'
import { ATTRIBUTES } from './attributes.ts'
import { KEYWORDS } from './keywords.ts'
import { formatAmount, type Unit } from './units.ts'

/** What needs no quotes; more could do without them, and would be hard to tell from a number or a pattern. */
const PLAIN = /^[a-z][\w./:-]*$/i

/**
 * The query as one line of text, the same for the same query; `parseQuery` makes the query of it again. An attribute
 * that is not there is written like a number without unit.
 */
export function formatQuery ({ where, order, limit, spread }: NodeQuery): string {
  const parts = [
    where === undefined ? '' : formatCondition(where),
    order === undefined ? '' : `order by ${formatOrder(order)}`,
    limit === undefined ? '' : `limit ${limit}`,
    spread === undefined ? '' : `spread ${spread}`
  ]
  return parts.filter(part => part !== '').join(' ')
}

/** One condition as `formatQuery` writes it. */
export function formatCondition (condition: Condition): string {
  switch (condition.kind) {
    case 'all': return condition.of.map(formatOperand).join(' and ')
    case 'any': return condition.of.map(formatOperand).join(' or ')
    case 'not': return `not ${formatOperand(condition.of)}`
    case 'compare': {
      const { attribute, operator, value } = condition
      return `${attribute} ${operator} ${formatValue(value, attribute)}`
    }
    case 'in': {
      const { attribute, values } = condition
      return `${attribute} in (${values.map(value => formatValue(value, attribute)).join(', ')})`
    }
    case 'has': return `${condition.attribute} has ${formatWord(condition.word)}`
    case 'zone': return `zone in ${formatWords(condition.zones)}`
    case 'rtt': {
      return `rtt(${formatWord(condition.target)}) ${condition.operator} ${formatAmount(condition.ms, 'ms')}`
    }
  }
}

/** The same with parentheses around a combination, so that it can stand within another. */
export function formatOperand (condition: Condition): string {
  const text = formatCondition(condition)
  return condition.kind === 'all' || condition.kind === 'any' ? `(${text})` : text
}

function formatOrder (order: NodeOrder): string {
  if (order.by === 'cost') return formatCost(order)
  const what = order.by === 'rtt' ? `rtt(${formatWord(order.target)})` : order.attribute
  return order.descending ? `${what} desc` : what
}

function formatCost ({ weights, bytes, near }: NodeOrder & { by: 'cost' }): string {
  const settings = Object.entries(weights ?? {})
    .flatMap(([term, weight]) => weight === undefined ? [] : [`${term}=${formatAmount(weight, 'count')}`])
  if (bytes !== undefined) settings.push(`bytes=${formatAmount(bytes, 'bytes')}`)
  const cost = settings.length === 0 ? 'cost' : `cost(${settings.join(', ')})`
  return near === undefined ? cost : `${cost} near ${formatWords(near)}`
}

function formatValue (value: number | string, attribute: string): string {
  return typeof value === 'string' ? formatWord(value) : formatAmount(value, unitOf(attribute))
}

function unitOf (name: string): Unit {
  const attribute = ATTRIBUTES.get(name)
  return attribute?.kind === 'number' ? attribute.unit : 'count'
}

function formatWords (words: readonly string[]): string {
  const texts = words.map(formatWord)
  return texts.length === 1 ? texts.join('') : `(${texts.join(', ')})`
}

function formatWord (word: string): string {
  return PLAIN.test(word) && !KEYWORDS.includes(word.toLowerCase()) ? word : JSON.stringify(word)
}

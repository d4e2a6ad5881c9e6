import { COMPARISONS, QUERY_LIMITS, RTT_COMPARISONS, sizeOfCondition, type Clause, type Condition } from '@welkin/abi'
import { isZone } from '@welkin/interface'
import { ATTRIBUTES, type Attribute } from './attributes.ts'
import { problemOfAttribute, problemOfOperator } from './check.ts'
import type { Cursor } from './cursor.ts'
import type { Token } from './lexer.ts'

const OPERATORS = [...COMPARISONS, 'in', 'has'] as const

/**
 * Reads a condition:
 *
 *     condition = both { "or" both }
 *     both      = operand { "and" operand }
 *     operand   = "not" operand | "(" condition ")" | clause
 *     clause    = attribute comparison value | attribute "in" "(" value { "," value } ")" | attribute "has" word
 *               | "zone" "in" ( zone | "(" zone { "," zone } ")" ) | "rtt" "(" target ")" comparison time
 */
export class ConditionParser {
  readonly #cursor: Cursor
  /** What of `QUERY_LIMITS` is used up. */
  #parts = 0
  #open = 0

  constructor (cursor: Cursor) {
    this.#cursor = cursor
  }

  read (): Condition {
    return this.#combination('any', 'or', () => this.#combination('all', 'and', () => this.#operand()))
  }

  #combination (kind: 'all' | 'any', keyword: 'and' | 'or', operand: () => Condition): Condition {
    const { token } = this.#cursor
    const of = [operand()]
    while (this.#cursor.takeKeyword(keyword)) of.push(operand())
    return of.length === 1 ? of[0] as Condition : this.#bounded(token, { kind, of })
  }

  #operand (): Condition {
    const { token } = this.#cursor
    if (this.#cursor.takeKeyword('not')) {
      return this.#bounded(token, { kind: 'not', of: this.#nested(token, () => this.#operand()) })
    }
    if (!this.#cursor.takeSymbol('(')) return this.#clause()
    const condition = this.#nested(token, () => this.read())
    if (!this.#cursor.takeSymbol(')')) throw this.#cursor.unexpected('and, or or )')
    return condition
  }

  // Before anything is built, so that no text makes the reader descend without end.
  #nested (token: Token, read: () => Condition): Condition {
    if (this.#open === QUERY_LIMITS.depthMax) throw this.#tooDeep(token)
    this.#open++
    const condition = read()
    this.#open--
    return condition
  }

  #bounded (token: Token, condition: Condition): Condition {
    this.#count(token)
    if (sizeOfCondition(condition).depth > QUERY_LIMITS.depthMax) throw this.#tooDeep(token)
    return condition
  }

  #clause (): Clause {
    const cursor = this.#cursor
    const { token } = cursor
    this.#count(token)
    const name = cursor.name('a condition, such as cpu.free >= 2')
    if (name.toLowerCase() === 'rtt' && cursor.isSymbol('(')) return this.#rtt()
    const attribute = ATTRIBUTES.get(name)
    if (attribute === undefined) {
      throw cursor.fault(token, problemOfAttribute(name) as string, `one of ${[...ATTRIBUTES.keys()].join(', ')}`)
    }
    const operator = this.#operator(name, attribute)
    if (operator === 'has') return { kind: 'has', attribute: name, word: cursor.word('a word') }
    if (operator !== 'in') return { kind: 'compare', attribute: name, operator, value: this.#value(attribute) }
    return name === 'zone'
      ? { kind: 'zone', zones: cursor.oneOrMore(() => this.#zone()) }
      : { kind: 'in', attribute: name, values: cursor.list(() => this.#listed(() => this.#value(attribute))) }
  }

  #operator (name: string, attribute: Attribute): typeof OPERATORS[number] {
    const cursor = this.#cursor
    const { token } = cursor
    const operator = OPERATORS.find(known => cursor.takeSymbol(known) || cursor.takeKeyword(known))
    if (operator === undefined) throw cursor.unexpected(`a comparison (${COMPARISONS.join(' ')}), in or has`)
    const problem = problemOfOperator(name, attribute, operator)
    if (problem !== undefined) throw cursor.fault(token, problem)
    return operator
  }

  #value (attribute: Attribute): number | string {
    return attribute.kind === 'number' ? this.#cursor.amount(attribute.unit) : this.#cursor.word('a word')
  }

  #zone (): string {
    return this.#listed(() => this.#cursor.word('a zone such as acme/lyon', isZone))
  }

  #listed<Value> (read: () => Value): Value {
    this.#count(this.#cursor.token)
    return read()
  }

  #rtt (): Clause {
    const target = readTarget(this.#cursor)
    const operator = this.#cursor.symbol(...RTT_COMPARISONS)
    return { kind: 'rtt', target, operator, ms: this.#cursor.amount('ms', 0) }
  }

  #count (token: Token): void {
    this.#parts++
    if (this.#parts <= QUERY_LIMITS.partsMax) return
    throw this.#cursor.fault(token, `A query has at most ${QUERY_LIMITS.partsMax} conditions and values.`)
  }

  #tooDeep (token: Token): Error {
    return this.#cursor.fault(token, `A query is nested at most ${QUERY_LIMITS.depthMax} deep.`)
  }
}

/** What stands behind `rtt`: a place in parentheses. */
export function readTarget (cursor: Cursor): string {
  cursor.symbol('(')
  const target = readPlace(cursor)
  cursor.symbol(')')
  return target
}

/** What a distance can be counted from. */
export function readPlace (cursor: Cursor): string {
  return cursor.word('a node, an object or a zone', word => word !== '')
}

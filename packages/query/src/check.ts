import { COMPARISONS, type Clause, type Condition, type NodeQuery } from '@welkin/abi'
import { CloudError, nearNames } from '@welkin/interface'
import { ATTRIBUTES, comparedWith, type Attribute } from './attributes.ts'
import { formatCondition } from './format.ts'

/** A clause about what a node tells of itself. */
export type AttributeClause = Exclude<Clause, { kind: 'rtt' | 'zone' }>

/** What can be asked of an attribute of each kind, as it stands behind its name. */
const OPERATORS: Record<Attribute['kind'], readonly string[]> = {
  number: [...COMPARISONS.filter(operator => operator !== '~'), 'in'],
  word: ['=', '!=', '~', 'in'],
  words: ['has']
}

const NATURE: Record<Attribute['kind'], string> = {
  number: 'is a number', word: 'is a word', words: 'is a set of words'
}

/**
 * Whether a query that has the right form can be answered: throws EINVAL for an attribute that is not there, and for
 * what cannot be asked of it.
 */
export function checkQuery ({ where, order }: NodeQuery): void {
  for (const clause of where === undefined ? [] : clausesOf(where)) {
    const problem = problemOfClause(clause)
    if (problem !== undefined) throw unfit(`The clause ${formatCondition(clause)} cannot be used. ${problem}`)
  }
  const problem = order?.by === 'attribute' ? problemOfOrder(order.attribute) : undefined
  if (problem !== undefined) throw unfit(`The order cannot be used. ${problem}`)
}

/** Every clause of a condition, in the order of the text. */
export function clausesOf (condition: Condition): Clause[] {
  switch (condition.kind) {
    case 'all': case 'any': return condition.of.flatMap(clausesOf)
    case 'not': return clausesOf(condition.of)
    default: return [condition]
  }
}

/** One sentence on an attribute that is not there; undefined when it is. */
export function problemOfAttribute (name: string): string | undefined {
  if (ATTRIBUTES.has(name)) return undefined
  const near = nearNames(name.toLowerCase(), ATTRIBUTES.keys())
  const alike = near.length > 0 ? near : [...ATTRIBUTES.keys()].filter(known => sharesPart(known, name))
  return `There is no attribute ${name}.${alike.length > 0 ? ` Did you mean ${alike.join(' or ')}?` : ''}`
}

/** The same for what stands behind its name: a comparison, `in` or `has`. */
export function problemOfOperator (name: string, { kind }: Attribute, operator: string): string | undefined {
  const fit = OPERATORS[kind]
  return fit.includes(operator) ? undefined : `${name} ${NATURE[kind]}, and takes ${fit.join(' ')}, not ${operator}.`
}

/** The same for an attribute that nodes are to be ordered by. */
export function problemOfOrder (name: string): string | undefined {
  if (ATTRIBUTES.get(name)?.kind === 'words') return `${name} is a set of words, which has no order.`
  return problemOfAttribute(name)
}

function problemOfClause (clause: Clause): string | undefined {
  if (clause.kind === 'rtt' || clause.kind === 'zone') return undefined
  const attribute = ATTRIBUTES.get(clause.attribute)
  if (attribute === undefined) return problemOfAttribute(clause.attribute)
  if (clause.kind === 'in' && clause.attribute === 'zone') return 'Zones are asked for by the kind "zone".'
  const operator = clause.kind === 'compare' ? clause.operator : clause.kind
  const values = valuesOf(clause)
  const isFit = (value: unknown): boolean => typeof value === (attribute.kind === 'number' ? 'number' : 'string')
  return problemOfOperator(clause.attribute, attribute, operator) ??
    (values.every(isFit) ? undefined : `${clause.attribute} is compared with ${comparedWith(attribute)}.`)
}

/** What a clause compares its attribute with. */
export function valuesOf (clause: AttributeClause): ReadonlyArray<string | number> {
  if (clause.kind === 'in') return clause.values
  return clause.kind === 'has' ? [clause.word] : [clause.value]
}

function sharesPart (one: string, other: string): boolean {
  const parts = other.toLowerCase().split('.')
  return one.split('.').some(part => parts.includes(part))
}

function unfit (message: string): CloudError {
  return new CloudError('EINVAL', message)
}

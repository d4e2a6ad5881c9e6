import type { Clause, Condition } from '@welkin/abi'
import { zoneContains, type NodeView } from '@welkin/interface'
import { ATTRIBUTES, type Attribute } from './attributes.ts'
import type { AttributeClause } from './check.ts'
import { isLike } from './glob.ts'
import type { Surroundings } from './surroundings.ts'

export type Test = (node: NodeView) => boolean

type Comparison = (Clause & { kind: 'compare' })['operator']

/**
 * A test for nodes of a condition that was checked. What a node does not tell meets no comparison, `!=` included, so
 * `not (price < 2)` is met by a node without a price, and `price >= 2` is not.
 */
export function compileCondition (condition: Condition | undefined, surroundings: Surroundings): Test {
  if (condition === undefined) return () => true
  switch (condition.kind) {
    case 'all': return everyOf(byEffort(condition.of).map(part => compileCondition(part, surroundings)))
    case 'any': return someOf(byEffort(condition.of).map(part => compileCondition(part, surroundings)))
    case 'not': {
      const test = compileCondition(condition.of, surroundings)
      return node => !test(node)
    }
    case 'zone': return someOf(condition.zones.map(zone => node => zoneContains(zone, node.zone)))
    case 'rtt': {
      const distance = surroundings.distanceFrom(condition.target)
      return compareNumber(node => distance(node)?.rttMs, condition.operator, condition.ms)
    }
    default: return compileAttribute(condition, ATTRIBUTES.get(condition.attribute) as Attribute)
  }
}

function compileAttribute (clause: AttributeClause, { kind, of }: Attribute): Test {
  if (clause.kind === 'in') {
    const values = new Set<unknown>(clause.values)
    return node => values.has(of(node))
  }
  if (clause.kind === 'has') {
    return node => (of(node) as readonly string[]).includes(clause.word)
  }
  const { operator, value } = clause
  if (kind === 'number') return compareNumber(of, operator, value as number)
  const test = wordTest(operator, value as string)
  return node => test((of as (node: NodeView) => string | undefined)(node))
}

/** A distance takes some arithmetic, so it is looked at last. */
function byEffort (conditions: readonly Condition[]): Condition[] {
  return conditions.toSorted((one, other) => Number(one.kind === 'rtt') - Number(other.kind === 'rtt'))
}

function everyOf (tests: readonly Test[]): Test {
  return node => {
    for (const test of tests) if (!test(node)) return false
    return true
  }
}

function someOf (tests: readonly Test[]): Test {
  return node => {
    for (const test of tests) if (test(node)) return true
    return false
  }
}

// What is undefined counts as NaN here, with which every comparison is false.
function compareNumber (of: (node: NodeView) => number | undefined, operator: Comparison, bound: number): Test {
  const read = of as (node: NodeView) => number
  switch (operator) {
    case '<': return node => read(node) < bound
    case '<=': return node => read(node) <= bound
    case '>': return node => read(node) > bound
    case '>=': return node => read(node) >= bound
    case '!=': return node => {
      const value = of(node)
      return value !== undefined && value !== bound
    }
    default: return node => read(node) === bound
  }
}

/** A test of one word; an unknown one meets nothing. */
export function wordTest (operator: Comparison, wanted: string): (word: string | undefined) => boolean {
  switch (operator) {
    case '~': return word => word !== undefined && isLike(word, wanted)
    case '!=': return word => word !== undefined && word !== wanted
    default: return word => word === wanted
  }
}

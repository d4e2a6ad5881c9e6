import type { NodeOrder, NodeQuery } from '@welkin/abi'
import type { NodeView } from '@welkin/interface'
import { ATTRIBUTES } from './attributes.ts'
import type { Compare } from './best.ts'
import { compileCost } from './cost.ts'
import type { Surroundings } from './surroundings.ts'

/** What nodes are ordered by. */
export interface Order<Key> { keyOf: (node: NodeView) => Key, compare: Compare<Key> }

// So that n10 comes after n2, as where nodes are listed.
const { compare: byName } = new Intl.Collator('en', { numeric: true })

/** The order of a query that was checked; what a node does not tell comes last, whichever way the rest is ordered. */
export function compileOrder (query: NodeQuery, surroundings: Surroundings): Order<number> | Order<string | undefined> {
  const { order } = query
  if (order === undefined) return byNumber(() => 0, false)
  if (order.by === 'cost') return byNumber(compileCost(query, surroundings), false)
  if (order.by === 'attribute') return compileAttribute(order)
  const distance = surroundings.distanceFrom(order.target)
  return byNumber(node => distance(node)?.rttMs, order.descending)
}

function compileAttribute ({ attribute: name, descending }: NodeOrder & { by: 'attribute' }) {
  const attribute = ATTRIBUTES.get(name)
  return attribute?.kind === 'number'
    ? byNumber(attribute.of, descending)
    : byWord(attribute?.of as (node: NodeView) => string | undefined, descending)
}

function byNumber (of: (node: NodeView) => number | undefined, descending: boolean): Order<number> {
  const sign = descending ? -1 : 1
  return {
    keyOf: node => {
      const value = of(node)
      return value === undefined ? Number.POSITIVE_INFINITY : sign * value
    },
    compare: (one, other) => one < other ? -1 : Number(one > other)
  }
}

function byWord (of: (node: NodeView) => string | undefined, descending: boolean): Order<string | undefined> {
  const sign = descending ? -1 : 1
  return {
    keyOf: of,
    compare: (one, other) => {
      if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined)
      return sign * byName(one, other)
    }
  }
}

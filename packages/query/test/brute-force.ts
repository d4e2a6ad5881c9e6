import type { Condition, NodeOrder } from '@welkin/abi'
import type { NodeView } from '@welkin/interface'
import { ATTRIBUTES, HERE } from '../src/index.ts'
import { distance, SURROUNDINGS, TARGETS } from './kit.ts'

// What a query means, written down once more, as plainly and as slowly as can be.

export function rttMs (target: string, node: NodeView): number | undefined {
  const from = TARGETS[target]
  return from === undefined ? undefined : distance(from, node)?.rttMs
}

export function meets (node: NodeView, condition: Condition | undefined): boolean {
  if (condition === undefined) return true
  if (condition.kind === 'all') return !condition.of.map(part => meets(node, part)).includes(false)
  if (condition.kind === 'any') return condition.of.map(part => meets(node, part)).includes(true)
  if (condition.kind === 'not') return !meets(node, condition.of)
  if (condition.kind === 'zone') {
    return condition.zones.some(zone => `${node.zone}/`.startsWith(`${zone}/`))
  }
  if (condition.kind === 'rtt') return compare(rttMs(condition.target, node), condition.operator, condition.ms)
  const value = ATTRIBUTES.get(condition.attribute)?.of(node)
  if (condition.kind === 'has') return (value as string[]).includes(condition.word)
  if (condition.kind === 'in') return condition.values.some(wanted => wanted === value)
  return compare(value as string | number | undefined, condition.operator, condition.value)
}

function compare (value: string | number | undefined, operator: string, wanted: string | number): boolean {
  if (value === undefined) return false
  switch (operator) {
    case '=': return value === wanted
    case '!=': return value !== wanted
    case '<': return value < wanted
    case '<=': return value <= wanted
    case '>': return value > wanted
    case '>=': return value >= wanted
    default: return asExpression(String(wanted)).test(String(value))
  }
}

function asExpression (pattern: string): RegExp {
  const escaped = pattern.replaceAll(/[\\^$.|+()[\]{}/-]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')
  return new RegExp(`^${escaped}$`, 's')
}

/** Negative: `one` comes first. */
export function inOrder (order: NodeOrder | undefined, one: NodeView, other: NodeView): number {
  if (order === undefined) return 0
  if (order.by === 'cost') return cost(order, one) - cost(order, other)
  const read = (node: NodeView): unknown =>
    order.by === 'rtt' ? rttMs(order.target, node) : ATTRIBUTES.get(order.attribute)?.of(node)
  const [left, right] = [read(one), read(other)]
  if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined)
  const ascending = typeof left === 'number'
    ? left - (right as number)
    : String(left).localeCompare(String(right), 'en', { numeric: true })
  return order.descending ? -ascending : ascending
}

function cost (order: NodeOrder & { by: 'cost' }, node: NodeView): number {
  const weights = order.weights ?? { latency: 1, load: 1, price: 1, transfer: 1, start: 1 }
  const rtts = (order.near ?? [HERE]).map(target => rttMs(target, node) ?? Number.NaN)
  const terms = {
    latency: Math.max(...rtts) / 100,
    load: ATTRIBUTES.get('load')?.of(node) as number,
    price: node.price ?? Number.NaN,
    transfer: order.bytes === undefined
      ? 0
      : order.bytes * 1000 / (SURROUNDINGS.bandwidthBytesPerSecond?.(node) ?? Number.NaN) / 1000,
    start: (SURROUNDINGS.startDelayMs?.(node) ?? Number.NaN) / 1000
  }
  return Object.entries(terms).reduce((sum, [name, term]) => {
    return sum + (weights[name as keyof typeof weights] ?? 0) * (Number.isNaN(term) ? 1 : term)
  }, 0)
}

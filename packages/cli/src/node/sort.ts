import { ordered } from '../print/ordered.ts'
import { memoryUsedRatio, stateOf, type NodeRow } from './rows.ts'

/** What nodes can be listed by. */
export const NODE_SORTS = ['name', 'zone', 'state', 'cpu', 'memory', 'load', 'objects', 'rtt', 'age'] as const

export type NodeSort = (typeof NODE_SORTS)[number]

const KEYS: Record<NodeSort, (row: NodeRow) => number | string | undefined> = {
  name: ({ node }) => node.name,
  zone: ({ node }) => node.zone,
  state: ({ node }) => stateOf(node),
  cpu: ({ node }) => node.load.cpuBusyRatio,
  memory: ({ node }) => memoryUsedRatio(node),
  load: ({ cost }) => cost.load,
  objects: ({ node }) => node.load.objects,
  rtt: ({ cost }) => cost.rttMs,
  age: ({ node }) => node.ageMs
}

/** By these the largest come first. */
const DESCENDING: readonly NodeSort[] = ['cpu', 'memory', 'load', 'objects']

/** The nodes in that order, equal ones by name; the busiest, the nearest, the latest heard of come first. */
export function sortNodes (rows: readonly NodeRow[], by: NodeSort, reversed: boolean): NodeRow[] {
  const descending = DESCENDING.includes(by) !== reversed
  return ordered(ordered(rows, KEYS.name, false), KEYS[by], descending)
}

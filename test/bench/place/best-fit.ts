import type { NodeView } from '@welkin/interface'
import { parseQuery, select } from '@welkin/query'
import { mean } from '../statistics.ts'
import type { Task } from './workload.ts'

/** What a node has left, or a task needs, in parts of what a node has in the mean. */
interface Share { cpu: number, memory: number }

/** Sums of fractions do not come out even. */
const TOLERANCE = 1e-9

/**
 * How many CPUs of these tasks are placed by one who knows all tasks beforehand and all nodes exactly: the largest
 * first, each where what is left is most like what it needs (best fit decreasing by the dot product: Panigrahy et al.,
 * Heuristics for Vector Bin Packing, 2011). Pure.
 */
export function bestFitCpus (nodes: readonly NodeView[], tasks: readonly Task[]): number {
  const unit = {
    cpu: mean(nodes.map(({ machine }) => machine.cpuCount)),
    memory: mean(nodes.map(({ machine }) => machine.memoryBytes))
  }
  const shareOf = (cpu: number, memoryBytes: number): Share => {
    return { cpu: cpu / unit.cpu, memory: memoryBytes / unit.memory }
  }
  const left = nodes.map(({ machine: { cpuCount, memoryBytes } }) => shareOf(cpuCount, memoryBytes))
  const fitting = new Map([...new Set(tasks.map(({ query }) => query))].map(query => [query, matching(nodes, query)]))
  const needs = tasks.map(task => ({ task, need: shareOf(task.cpu, task.memoryBytes) }))
    .toSorted((a, b) => Math.max(b.need.cpu, b.need.memory) - Math.max(a.need.cpu, a.need.memory))
  let placedCpus = 0
  for (const { task, need } of needs) {
    const best = bestFor(need, left, fitting.get(task.query) ?? [])
    if (best === undefined) continue
    best.cpu -= need.cpu
    best.memory -= need.memory
    placedCpus += task.cpu
  }
  return placedCpus
}

function bestFor ({ cpu, memory }: Share, left: readonly Share[], places: readonly number[]): Share | undefined {
  let best: Share | undefined
  let most = Number.NEGATIVE_INFINITY
  for (const at of places) {
    const share = left[at] as Share
    if (share.cpu < cpu - TOLERANCE || share.memory < memory - TOLERANCE) continue
    const likeness = share.cpu * cpu + share.memory * memory
    if (likeness <= most) continue
    best = share
    most = likeness
  }
  return best
}

/** The places of the nodes that a query is met by. */
function matching (nodes: readonly NodeView[], query: string): number[] {
  const places = new Map(nodes.map((node, at) => [node, at]))
  const { rows } = select(parseQuery(query), nodes, { distanceFrom: () => () => undefined })
  return rows.map(({ node }) => places.get(node) as number)
}

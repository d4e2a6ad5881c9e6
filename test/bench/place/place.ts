import { objectSpec } from '@welkin/abi'
import type { Placement } from '@welkin/daemon/kernel'
import { drawOne, isCloudError, type NodeId, type NodeView } from '@welkin/interface'
import { createVirtualRandom } from '@welkin/platform-virtual'
import { parseQuery } from '@welkin/query'
import { bench, type Figures } from '../bench.ts'
import { quantile } from '../statistics.ts'
import { bestFitCpus } from './best-fit.ts'
import { PlacedCloud } from './cloud.ts'
import { drawNodes, drawTasks, type Task } from './workload.ts'

/** In the cloud's own time. */
const TASKS_PER_SECOND = 1000

/** How fast objects are given to nodes, and how well. */
export const place = bench('Placing tasks with constraints on nodes that tell once a second what they have left', {
  nodes: { about: 'nodes of the cloud', usual: 5000, quick: 100 },
  tasks: { about: 'tasks; of twenty a node a few are too many', usual: 100_000, quick: 2000 },
  placers: { about: 'nodes that place them, each ignorant of what the others have just placed', usual: 20, quick: 5 }
}, async ({ nodes: nodeCount, tasks: taskCount, placers: placerCount }) => {
  const random = createVirtualRandom('place')
  const nodes = drawNodes(nodeCount, random.fork('nodes'))
  const tasks = drawTasks(taskCount, random.fork('tasks'))
  const cloud = new PlacedCloud(nodes)
  const placers = Array.from({ length: placerCount }, (_, at) => cloud.createPlacement(random.fork(`placer ${at}`)))
  const draws = random.fork('draws')
  const decisions: Decision[] = []
  for (const task of tasks) {
    cloud.pass(1000 / TASKS_PER_SECOND)
    decisions.push(await decide(cloud, drawOne(draws, placers) as Placement, task))
  }
  checkPromises(nodes, decisions)
  const figures = figuresOf(decisions, bestFitCpus(nodes, tasks))
  return {
    figures,
    rivals: {},
    lines: { [`${taskCount} tasks on ${nodeCount} nodes`]: figures },
    targets: [],
    notes: [
      `${placerCount} nodes place one task at a time each, ${TASKS_PER_SECOND} a second of the cloud's time, by tables`,
      'of which each entry is up to a second old. Decisions count by the CPU time of one core, from the query\'s text',
      'to the node\'s answer, without messages. Refusals are those of tasks that were placed in the end, for each',
      'thousand. placedUntilFirstLost is the share of the tasks that was placed before the first for which no node was',
      'found; ratioToBestFit compares the CPUs of all that were placed with best fit decreasing, which knows all tasks.'
    ]
  }
})

/** What became of a task; `node` is undefined where none was found. */
interface Decision { task: Task, node: NodeId | undefined, refusals: number, cpuMs: number, ms: number }

async function decide (cloud: PlacedCloud, placement: Placement, task: Task): Promise<Decision> {
  const refusalsBefore = cloud.refusals
  const cpuBefore = process.cpuUsage()
  const startMs = performance.now()
  const node = await placeOne(placement, task)
  const ms = performance.now() - startMs
  const { user, system } = process.cpuUsage(cpuBefore)
  return { task, node, refusals: cloud.refusals - refusalsBefore, cpuMs: (user + system) / 1000, ms }
}

async function placeOne (placement: Placement, { cpu, memoryBytes, query }: Task): Promise<NodeId | undefined> {
  const spec = objectSpec.parse({ program: { driver: 'native', argv: ['true'] }, limits: { cpu, memoryBytes } })
  try {
    const { placed: [one] } = await placement.place([{ id: 'object' }], {
      name: undefined, on: undefined, query: parseQuery(query), cp: 'bench', spec, caller: { kind: 'owner' },
      signal: new AbortController().signal
    })
    return one?.node
  } catch (error) {
    if (isCloudError(error, 'EAGAIN')) return undefined
    throw error
  }
}

function figuresOf (decisions: readonly Decision[], bestFit: number): Figures {
  const placed = decisions.filter(({ node }) => node !== undefined)
  const firstLost = decisions.findIndex(({ node }) => node === undefined)
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const latencies = decisions.map(({ ms }) => ms)
  return {
    decisionsPerSecond: decisions.length / sum(decisions.map(({ cpuMs }) => cpuMs)) * 1000,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    refusalsPerThousand: sum(placed.map(({ refusals }) => refusals)) / placed.length * 1000,
    placedRatio: placed.length / decisions.length,
    placedUntilFirstLost: (firstLost < 0 ? decisions.length : firstLost) / decisions.length,
    ratioToBestFit: sum(placed.map(({ task }) => task.cpu)) / bestFit
  }
}

/** Throws where a node was given more than it has, which no placement may do whatever it knows. */
function checkPromises (nodes: readonly NodeView[], decisions: readonly Decision[]): void {
  const given = new Map<NodeId, { cpu: number, memoryBytes: number }>()
  for (const { node, task } of decisions) {
    if (node === undefined) continue
    const { cpu, memoryBytes } = given.get(node) ?? { cpu: 0, memoryBytes: 0 }
    given.set(node, { cpu: cpu + task.cpu, memoryBytes: memoryBytes + task.memoryBytes })
  }
  for (const { id, machine } of nodes) {
    const { cpu, memoryBytes } = given.get(id) ?? { cpu: 0, memoryBytes: 0 }
    if (cpu <= machine.cpuCount && memoryBytes <= machine.memoryBytes) continue
    const has = `${machine.cpuCount} CPUs and ${machine.memoryBytes} bytes`
    throw new Error(`${id} has ${has}, and was given ${cpu} CPUs and ${memoryBytes} bytes.`)
  }
}

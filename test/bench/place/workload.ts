import { drawInteger, type NodeView, type Random } from '@welkin/interface'

const GIB = 2 ** 30

/** One object with limits, and which nodes will do for it, as `spawn` takes it. */
export interface Task { cpu: number, memoryBytes: number, query: string }

/** Values and how many of twenty draws give each. */
type Odds<T> = ReadonlyArray<readonly [value: T, of20: number]>

/** Small machines are many and large ones few, as are small and large tasks: about 1.5 CPUs for each task. */
const NODE_CPUS: Odds<number> = [[8, 3], [16, 6], [32, 6], [64, 5]]
const TASK_CPUS: Odds<number> = [[0.25, 4], [0.5, 4], [1, 6], [2, 3], [4, 2], [8, 1]]
const NODE_GIB_PER_CPU: Odds<number> = [[2, 4], [4, 12], [8, 4]]
const TASK_GIB_PER_CPU: Odds<number> = [[1, 6], [2, 8], [4, 5], [8, 1]]
const ARCHITECTURES: Odds<string> = [['x64', 15], ['arm64', 5]]
const QUERIES: Odds<string> = [
  ['', 8], ['arch = x64', 5], ['disk.free >= 200GiB', 4], ['arch = arm64 and disk.free >= 100GiB', 3]
]

/** Machines that have promised nothing yet. */
export function drawNodes (count: number, random: Random): NodeView[] {
  return Array.from({ length: count }, (_, at): NodeView => {
    const cpuCount = draw(random, NODE_CPUS)
    const memoryBytes = cpuCount * draw(random, NODE_GIB_PER_CPU) * GIB
    return {
      id: `n${at + 1}`,
      name: `n${at + 1}`,
      zone: `acme/s1/r${Math.floor(at / 20) + 1}`,
      addresses: [],
      version: '0.1.0',
      machine: { hostname: `host${at + 1}`, os: 'linux', arch: draw(random, ARCHITECTURES), cpuCount, memoryBytes },
      drivers: ['native'],
      load: {
        objects: 0, objectsMax: 1000, cpuPromised: 0, memoryPromisedBytes: 0, memoryFreeBytes: memoryBytes,
        diskFreeBytes: random.unit() * 1000 * GIB
      },
      state: 'up',
      ageMs: 0
    }
  })
}

export function drawTasks (count: number, random: Random): Task[] {
  return Array.from({ length: count }, (): Task => {
    const cpu = draw(random, TASK_CPUS)
    return { cpu, memoryBytes: cpu * draw(random, TASK_GIB_PER_CPU) * GIB, query: draw(random, QUERIES) }
  })
}

function draw<T> (random: Random, odds: Odds<T>): T {
  let left = drawInteger(random, 20)
  for (const [value, of20] of odds) {
    if (left < of20) return value
    left -= of20
  }
  throw new RangeError('The odds do not make up twenty.')
}

import { bench, type Figures } from '../bench.ts'
import type { SimAnswer, SimQuestion } from './sim-worker.ts'

/** Ten thousand nodes take half of it. */
const HEAP_MB = 20_000
const MEGA = 1e6

/** How fast the simulator is, and how much memory a node of it takes. */
export const sim = bench('How fast virtual time passes, what an event costs, and what memory a simulated node takes', {
  nodes: { about: 'sizes of the clouds; ten thousand take half an hour', usual: [100, 1000], quick: [20] },
  site: { about: 'nodes of each site', usual: 40, quick: 10 },
  tasks: { about: 'tasks a minute and node', usual: 1, quick: 6 },
  seconds: { about: 'virtual seconds to be measured after the cloud has converged', usual: 60, quick: 10 }
}, async ({ nodes, site, tasks, seconds }, stage) => {
  const figures: Record<string, Figures> = {}
  const bare: Record<string, Figures> = {}
  for (const count of nodes) {
    const answer = await stage.within(async inner => {
      const worker = inner.fork(new URL('sim-worker.js', import.meta.url), { heapMB: HEAP_MB }) // its heap is its own
      return await worker.ask<SimAnswer>({ nodes: count, siteNodes: site, tasks, seconds } satisfies SimQuestion)
    })
    figures[`${count} nodes`] = figuresOf(answer, count)
    bare[`bare timeline, ${count} timers`] = { microsecondsPerEvent: answer.bareMicroseconds }
  }
  const speed = (count: number): number => figures[`${count} nodes`]?.['virtualPerCpuSecond'] ?? Number.NaN
  return {
    figures,
    rivals: bare,
    lines: { ...figures, ...bare },
    targets: ([[1000, 50], [10_000, 3]] as const).filter(([count]) => nodes.includes(count)).map(([count, atLeast]) =>
      ({ what: `virtual seconds per second of CPU, ${count} nodes`, value: speed(count), atLeast })),
    notes: [
      `Sites have ${site} nodes in racks; tasks a minute and node: ${tasks}. Joining lasts until all have started,`,
      'converging until each knows its site; all other figures are of the time after that. Seconds of CPU are those',
      'of the process with its garbage collection, real ones depend on what else the machine does. Memory is what is',
      'in use after a collection. A bare timeline has as many events, which do nothing.'
    ]
  }
})

function figuresOf (answer: SimAnswer, nodes: number): Figures {
  const { joining, converging, running, memoryBytes, bareMicroseconds } = answer
  const microsecondsPerEvent = running.cpuSeconds * 1e6 / running.events
  return {
    joinRealSeconds: joining.realSeconds,
    joinEvents: joining.events,
    convergeRealSeconds: converging.realSeconds,
    convergeEvents: converging.events,
    virtualPerRealSecond: running.virtualSeconds / running.realSeconds,
    virtualPerCpuSecond: running.virtualSeconds / running.cpuSeconds,
    microsecondsPerEvent,
    ratioToBareTimeline: microsecondsPerEvent / bareMicroseconds,
    eventsPerNodeSecond: running.events / nodes / running.virtualSeconds,
    messagesPerNodeSecond: running.messages / nodes / running.virtualSeconds,
    memoryMBPerNode: memoryBytes / MEGA / nodes
  }
}

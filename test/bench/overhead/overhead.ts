import { bench, type Figures } from '../bench.ts'
import { agentsAtRest, daemonsAtRest } from './real.ts'
import { simulatedAtRest } from './simulated.ts'

/** What a node of a cloud that is at rest spends on knowing the others. */
export const overhead = bench('Bytes, messages and CPU of a node at rest, in real sites and large simulated clouds', {
  nodes: { about: 'sizes of the real sites', usual: [25, 100], quick: [4] },
  settle: { about: 'seconds to wait before, since joining is work', usual: 60, quick: 1 },
  seconds: { about: 'how long to look', usual: 30, quick: 1 },
  simulated: { about: 'sizes of the simulated clouds', usual: [1000, 10_000], quick: [10, 20] },
  site: { about: 'nodes of each simulated site', usual: 100, quick: 5 },
  virtualSettle: { about: 'virtual seconds to wait before', usual: 30, quick: 5 },
  virtual: { about: 'virtual seconds to look', usual: 60, quick: 10 }
}, async ({ nodes, settle, seconds, simulated, site, virtualSettle, virtual }, stage) => {
  const figures: Record<string, Figures> = {}
  const rivals: Record<string, Figures | null> = {}
  for (const count of nodes) {
    const rules = { settle, seconds }
    figures[`site of ${count}`] = await stage.within(inner => daemonsAtRest(inner, count, rules))
    rivals[`serf, ${count} agents`] = await stage.within(inner => agentsAtRest(inner, count, rules))
  }
  for (const count of simulated) {
    figures[`simulated, ${count}`] = await stage.within(inner => {
      return simulatedAtRest(inner, { nodes: count, siteNodes: site, settle: virtualSettle, seconds: virtual })
    })
  }
  const inSite = (figure: string): number => figures[`site of ${nodes.at(-1)}`]?.[figure] ?? Number.NaN
  const ratio = (figure: string): number => {
    const [least, most] = [simulated[0], simulated.at(-1)].map(count => figures[`simulated, ${count}`]?.[figure])
    return (most ?? Number.NaN) / (least ?? Number.NaN)
  }
  return {
    figures,
    rivals,
    lines: { ...figures, ...rivals },
    targets: [
      { what: 'bytes sent a second in the largest site', value: inSite('sentBytesPerSecond'), atMost: 1000 },
      { what: 'ms of CPU a second in the largest site', value: inSite('cpuMsPerSecond'), atMost: 10 },
      { what: 'bytes in the largest simulated cloud by the least', value: ratio('sentBytesPerSecond'), atMost: 1.2 },
      { what: 'messages in the same', value: ratio('messagesPerSecond'), atMost: 1.2 }
    ],
    notes: [
      'Means per node, but for the one that sends most. Bytes are counted without the headers of TCP, UDP and IP; in',
      'simulated clouds each message has 48 for framing, encryption and headers. Messages are writes to sockets, and',
      'Serf\'s packets. Ten daemons share a process and its CPU; all see the load of one machine, and tell each change',
      `of it. Simulated sites have ${site} nodes; simulationCpuMs is what one of them costs for a virtual`,
      'second, realSeconds what the whole cloud took, joining among it.'
    ]
  }
})

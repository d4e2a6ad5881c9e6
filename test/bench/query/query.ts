import { parseQuery, select } from '@welkin/query'
import { bench, type Figures } from '../bench.ts'
import { latenciesOf } from '../load.ts'
import { quantile } from '../statistics.ts'
import { makeNodes, SURROUNDINGS } from './nodes.ts'

/** By what they ask; each is read, compiled and answered anew every time, as the calls of strangers are. */
const QUERIES = {
  'three ranges and a distance, by cost': 'cpu.free >= 2 and memory.free >= 8GiB and disk.free >= 100GiB ' +
    'and rtt(node3) < 80ms order by cost limit 20',
  'a range, by an attribute': 'cpu.free >= 2 order by memory.free desc limit 20',
  'words and sets, spread': 'arch in (x64, arm64) and drivers has native and not zone in acme/s1 and name ~ "n*7" ' +
    'order by load limit 20 spread rack',
  'everything, by cost': 'order by cost limit 20'
}

/** How fast a query over the nodes that are known is answered. */
export const query = bench('Queries over all nodes that are known, from text to rows', {
  nodes: { about: 'nodes that are known', usual: 10_000, quick: 500 },
  ms: { about: 'length of a turn', usual: 2000, quick: 100 }
}, async ({ nodes: count, ms }) => {
  const nodes = makeNodes(count)
  const works = Object.entries(QUERIES).map(([name, text]) => {
    return { name, work: async () => select(parseQuery(text), nodes, SURROUNDINGS) }
  })
  // All of them first, so that the engine cannot fit its code to one.
  for (const { work } of works) await latenciesOf(work, ms / 4)
  const lines: Record<string, Figures> = {}
  for (const { name, work } of works) {
    const { matched } = await work()
    const latencies = await latenciesOf(work, ms)
    lines[name] = { p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99), matched }
  }
  const [first] = Object.keys(QUERIES) as [string]
  return {
    figures: lines,
    rivals: {},
    lines,
    targets: [{ what: `milliseconds for ${first}, p50`, value: lines[first]?.['p50Ms'] ?? Number.NaN, atMost: 1 }],
    notes: [`${count} nodes; twenty rows each, with the cost of each.`]
  }
})

import { parseQuery } from '@welkin/query'
import { bench, type Figures } from '../bench.ts'
import { KnownSite } from '../known-site.ts'
import { latenciesOf, type Work } from '../load.ts'
import { makeNodes } from '../query/nodes.ts'
import { quantile } from '../statistics.ts'
import type { StalenessQuestion } from './staleness-worker.ts'

const QUERY = 'cpu.free >= 2 and memory.free >= 8GiB and disk.free >= 100GiB and rtt(n42) < 80ms order by cost limit 20'

/** How fast a node finds others among those that it knows, and how true it is what it knows of them. */
export const find = bench('Finding nodes among ten thousand, and how true it is what nodes believe of one another', {
  nodes: { about: 'nodes that are known', usual: 10_000, quick: 500 },
  ms: { about: 'length of a turn', usual: 2000, quick: 100 },
  site: { about: 'nodes of the simulated site', usual: 100, quick: 10 },
  virtual: { about: 'virtual seconds to look at them', usual: 60, quick: 10 }
}, async ({ nodes: count, ms, site, virtual }, stage) => {
  const { finder, syscalls } = new KnownSite(makeNodes(count))
  const found = {
    'in the kernel': await timed(() => finder.find({ query: parseQuery(QUERY), scope: 'site' }, {}), ms),
    'by the system call': await timed(() => syscalls.find({ query: QUERY, scope: 'site' }), ms)
  }
  const { matched } = await syscalls.find({ query: QUERY, scope: 'site' })
  const worker = stage.fork(new URL('staleness-worker.js', import.meta.url))
  const agesMs = await worker.ask<number[]>({ nodes: site, seconds: virtual } satisfies StalenessQuestion)
  const beliefs = {
    p50Seconds: quantile(agesMs, 0.5) / 1000,
    p99Seconds: quantile(agesMs, 0.99) / 1000,
    mostSeconds: Math.max(...agesMs) / 1000
  }
  const lines: Record<string, Figures> = { ...found, beliefs }
  return {
    figures: lines,
    rivals: {},
    lines,
    targets: [
      { what: 'ms to find, in the kernel, p50', value: found['in the kernel'].p50Ms, atMost: 1 },
      { what: 'seconds that a belief has not been true, p99', value: beliefs.p99Seconds, atMost: 3 }
    ],
    notes: [
      `Of ${count} nodes ${matched} match: ${QUERY}.`,
      'From text to rows; the call has its envelope, checks and reply besides, and no socket. A belief is what any',
      `node in a simulated site of ${site} holds another's objects and promised CPUs to be, while each starts a task`,
      'every four seconds; its figure is for how long it had not been true when it was looked at.'
    ]
  }
})

async function timed (work: Work, ms: number): Promise<{ p50Ms: number, p99Ms: number }> {
  await latenciesOf(work, ms / 4)
  const latencies = await latenciesOf(work, ms)
  return { p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) }
}

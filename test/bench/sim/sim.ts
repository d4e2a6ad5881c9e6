import { bench, type Figures } from '../bench.ts'
import type { SimQuestion } from './sim-worker.ts'

/** How fast virtual time passes. */
export const sim = bench('Virtual seconds per real second of a cloud that joins and is then idle', {
  nodes: { about: 'sizes of the clouds', usual: [100, 1000], quick: [20] },
  seconds: { about: 'real seconds for each part, at the most', usual: 60, quick: 2 },
  virtual: { about: 'virtual seconds to be idle, at the most', usual: 120, quick: 10 }
}, async ({ nodes, seconds, virtual }, stage) => {
  const figures: Record<string, Figures> = {}
  for (const count of nodes) {
    figures[`${count} nodes`] = await stage.within(async inner => {
      const worker = inner.fork(new URL('sim-worker.js', import.meta.url)) // its heap is this cloud's alone
      return await worker.ask<Figures>({ nodes: count, seconds, virtual } satisfies SimQuestion)
    })
  }
  return {
    figures,
    rivals: {},
    lines: figures,
    targets: [],
    notes: ['Joining lasts until all know all. Without idle figures, that did not come in the time it was given.']
  }
})

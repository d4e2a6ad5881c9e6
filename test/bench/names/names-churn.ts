import { bench, type Figures } from '../bench.ts'
import type { ChurnQuestion, ChurnTold } from './churn-worker.ts'

/** Whether names are found while nodes die and come back for hours. In virtual time: a pure function of the seed. */
export const namesChurn = bench('Names among many nodes that die and come back for hours, in virtual time', {
  nodes: { about: 'nodes, a hundred a site', usual: 1000, quick: 120 },
  names: { about: 'names', usual: 10_000, quick: 200 },
  hours: { about: 'virtual hours', usual: 10, quick: 1 },
  looks: { about: 'times that some name is looked up or put again', usual: 50_000, quick: 500 },
  churn: { about: 'share of the nodes that die in an hour', usual: 0.1, quick: 0.5 },
  seed: { about: 'decides what happens', usual: 1, quick: 1 }
}, async (question: ChurnQuestion, stage) => {
  const worker = stage.fork(new URL('churn-worker.js', import.meta.url), { heapMB: 12_000 })
  const beganMs = performance.now()
  const told = await worker.ask<ChurnTold>(question)
  const seconds = (performance.now() - beganMs) / 1000
  const figures: Figures = {
    ...told, rightRatio: told.right / told.looks, virtualSecondsPerSecond: told.virtualSeconds / seconds
  }
  return {
    figures,
    rivals: {},
    lines: { [`${question.nodes} nodes, ${question.names} names, ${question.hours} h`]: figures },
    targets: [
      { what: 'share of look-ups that are right at the first try', value: told.right / told.looks, atLeast: 0.999 },
      { what: 'names that are not found in the end', value: told.unfound, atMost: 0 }
    ],
    notes: [
      'Only the directory is the daemon\'s own code; Transport and Membership are stand-ins. Half of those that ask a',
      'dead node are refused, the others hear nothing; membership finds out after six seconds. Right: what was put',
      'last before the look-up, or later. Unfound: two nodes, one after the other, do not find it in the end; lost:',
      'nobody has it, either. So that hours of many nodes can be played, holders look at their neighbours every 20 s',
      'and compare every two hours; daemons do every 2 s and 10 min.'
    ]
  }
})

import { bench, type Figures, type Target } from '../bench.ts'
import { startDaemons } from '../crowd/daemons.ts'
import { startSerf } from '../crowd/serf.ts'
import { tellStory } from './story.ts'

/** Daemons in one process, but for those that are killed: each of these has a process of its own. */
const HOUSEHOLD_NODES = 5
const LOOK_PERIOD_MS = 20

/** How soon a cloud knows who is there and who is not, and how often it is wrong. */
export const detect = bench('How soon nodes know one another, and of a loss; and how often they are wrong', {
  nodes: { about: 'nodes of the cloud', usual: 50, quick: 6 },
  losses: { about: 'processes that are killed, one after the other', usual: 10, quick: 1 },
  quiet: { about: 'seconds to look for false alarms while nothing happens', usual: 60, quick: 1 },
  stops: { about: 'times that a quarter of the nodes is stopped for 1.5 s', usual: 5, quick: 1 },
  after: { about: 'seconds to look for false alarms after each stop', usual: 10, quick: 1 }
}, async (rules, stage) => {
  const { nodes, losses } = rules
  const own = await stage.within(async inner => {
    const crowd = await startDaemons(inner, householdsOf(nodes, losses), { lookPeriodMs: LOOK_PERIOD_MS })
    return await tellStory(crowd, rules)
  })
  const serf = await stage.within(async inner => {
    const crowd = await startSerf(inner, nodes)
    return crowd === undefined ? null : await tellStory(crowd, rules)
  })
  const lines = { welkin: own, 'serf, profile lan': serf }
  return {
    figures: own,
    rivals: { serf },
    lines,
    targets: targetsFor(own, serf),
    notes: [
      `${nodes} nodes. The full view is counted from the moment the last node answered, and from the first start.`,
      'Losses are counted until the last node held the killed one to be down: the median, and the longest. False are',
      'nodes that anybody held to be down, in quiet seconds and by all stops; those that were only suspected stand',
      'beside. Serf\'s views are read from its agents\' logs. For ten quiet minutes: --quiet 600.'
    ]
  }
})

/** Sizes of processes: those that stay first. */
function householdsOf (nodes: number, losses: number): number[] {
  const staying = nodes - losses
  const full = Array.from({ length: Math.floor(staying / HOUSEHOLD_NODES) }, () => HOUSEHOLD_NODES)
  const rest = staying % HOUSEHOLD_NODES
  return [...full, ...rest === 0 ? [] : [rest], ...Array.from({ length: losses }, () => 1)]
}

function targetsFor (own: Figures, serf: Figures | null): Target[] {
  const value = (name: string): number => own[name] ?? Number.NaN
  return [
    ...serf === null ? [] : [{
      what: 'seconds to the full view, beside Serf\'s', value: value('fullViewSeconds'), atMost: serf['fullViewSeconds']
    } as Target],
    { what: 'seconds until all know of a loss, median', value: value('lossSeconds'), atMost: 4 },
    { what: 'false alarms in quiet seconds', value: value('falseInQuiet'), atMost: 0 },
    { what: 'false alarms by stops', value: value('falseByStops'), atMost: 0 }
  ]
}

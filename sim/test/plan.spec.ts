import { expect } from 'chai'
import { createVirtualRandom } from '@welkin/platform-virtual'
import { SWARM_NAMES } from '../src/faults/index.ts'
import { planFaults, tellFault, type PlannedFault } from '../src/faults/plan.ts'
import { parseScenario } from '../src/scenario/parse.ts'
import { layOut } from '../src/topology/layout.ts'
import { darkness } from '../src/topology/power.ts'

const TOPOLOGY = 'topology: { sites: 2, racks: 2, nodes: 3 }'

function plan (text: string, seed = 'plan'): PlannedFault[] {
  const scenario = parseScenario(`name: mine\nabout: Things happen.\n${TOPOLOGY}\n${text}`, 'mine')
  return planFaults(scenario, layOut(scenario.topology), createVirtualRandom(seed))
}

const fault = (of: string): string => `faults: [{ fault: crash, at: 1s, of: ${of} }]`

describe('a plan of faults', () => {
  it('names the nodes that a target means', () => {
    const struck = (of: string): readonly string[] => plan(fault(of))[0]?.groups[0] ?? []
    expect(struck('n5')).to.deep.equal(['n5'])
    expect(struck('sim/s1/r2')).to.deep.equal(['n2', 'n6', 'n10'])
    expect(struck('[n1, sim/s1/r2]')).to.deep.equal(['n1', 'n2', 'n6', 'n10'])
    for (const [of, count] of [['one node', 1], ['one rack', 3], ['one site', 6], ['25%', 3], ['1%', 1]] as const) {
      expect(struck(of), of).to.have.lengthOf(count)
    }
    expect(() => plan(fault('n13'))).to.throw(/called "n13"; name one/)
  })

  it('parts what is struck from all others, or groups from one another', () => {
    const [alone, between] = plan(`faults:
      - { fault: partition, of: sim/s1, at: 1s }
      - { fault: partition, between: [n1, [n2, n3]], at: 2s }`)
    expect(alone?.groups.map(({ length }) => length)).to.deep.equal([6, 6])
    expect(between?.groups).to.deep.equal([['n1'], ['n2', 'n3']])
  })

  it('is drawn by the seed: other kinds, more or less often, each kind by some seed', () => {
    const swarms = Array.from({ length: 60 }, (_, seed) => plan('swarm: { every: 10s }', `${seed}`))
    expect(plan('swarm: { every: 10s }', '7')).to.deep.equal(swarms[7])
    expect(new Set(swarms.flat().map(({ name }) => name))).to.deep.equal(new Set(SWARM_NAMES))
    const counts = swarms.map(({ length }) => length)
    expect(Math.max(...counts)).to.be.above(3 * Math.min(...counts))
    for (const { atMs, forMs, groups } of swarms.flat()) {
      expect(atMs).to.be.within(0, 180_000)
      expect(forMs).to.be.above(0)
      expect(groups[0]).to.not.have.lengthOf(0)
    }
  })

  it('is told to people in a line', () => {
    expect(plan('faults: [{ fault: degrade, at: 1s, for: 90s, of: sim/s1, latency: 50ms }]').map(tellFault))
      .to.deep.equal(['#1 degrade of n1 n2 n5 and 3 more latency 50 for 1 min 30 s'])
  })
})

describe('a power outage', () => {
  for (const [why, outageMs, backup, dark] of [
    ['is dark at once without a battery', 60_000, { upsMs: 0 }, { fromMs: 0, untilMs: 60_000 }],
    ['is bridged by a battery where it is short', 20_000, { upsMs: 30_000 }, undefined],
    ['outlasts a battery', 60_000, { upsMs: 30_000 }, { fromMs: 30_000, untilMs: 60_000 }],
    ['is bridged by a generator that is soon enough', 60_000, { upsMs: 30_000, generatorMs: 25_000 }, undefined],
    ['ends with a generator that is late', 60_000, { upsMs: 30_000, generatorMs: 50_000 },
      { fromMs: 30_000, untilMs: 50_000 }]
  ] as const) {
    it(why, () => { expect(darkness(outageMs, backup)).to.deep.equal(dark) })
  }
})

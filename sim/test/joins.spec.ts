import { expect } from 'chai'
import { createVirtualRandom } from '@welkin/platform-virtual'
import { readScenario } from '../src/command/read-scenario.ts'
import { runScenario } from '../src/run.ts'
import { planJoins } from '../src/workloads/joins.ts'

const NAMES = Array.from({ length: 10 }, (_, i) => `n${i + 1}`)

function plan (joins: { share?: number, perMinute?: number }, seed = 'joins'): Array<[string, number]> {
  const { share = 0, perMinute } = joins
  return [...planJoins({ share, perMinute }, NAMES, 60_000, createVirtualRandom(seed))]
}

describe('nodes that join later', () => {
  it('are a share of all, the last of the list, in its order and at any time', () => {
    const joins = plan({ share: 0.4 })
    expect(joins.map(([name]) => name)).to.deep.equal(['n7', 'n8', 'n9', 'n10'])
    const times = joins.map(([, atMs]) => atMs)
    expect(times).to.deep.equal(times.toSorted((a, b) => a - b))
    for (const atMs of times) expect(atMs).to.be.within(0, 60_000)
    expect(plan({})).to.deep.equal([])
  })

  it('are so many a minute, and never all', () => {
    const counts = Array.from({ length: 100 }, (_, seed) => plan({ perMinute: 3 }, `${seed}`).length)
    expect(counts.reduce((sum, count) => sum + count, 0) / 100).to.be.within(2.5, 3.5)
    expect(plan({ perMinute: 1000 })).to.have.lengthOf(9)
    expect(plan({ share: 1 })).to.have.lengthOf(9)
  })

  it('are away until then, whatever befalls them before, and all see them afterwards', async function () {
    this.timeout(60_000)
    const scenario = await readScenario('growing-cloud')
    const { report, samples, story } = await runScenario(scenario, { seed: '3', nodes: 12, untilMs: 120_000 })
    expect(report.broken).to.deep.equal([])
    const starts = story.filter(({ kind, text }) => kind === 'life' && text === 'started')
    const first = new Map(starts.toReversed().map(({ nodes: [name], atMs }) => [name, atMs]))
    const begunMs = story.find(({ text }) => text.startsWith('work and'))?.atMs ?? 0
    expect([...first].flatMap(([name, atMs]) => atMs > begunMs ? name as string : []).toSorted())
      .to.deep.equal(['n10', 'n11', 'n12', 'n5', 'n6', 'n7', 'n8', 'n9'])
    expect(samples[0]?.conditions.filter(condition => condition === 'off')).to.have.lengthOf(8)
  })
})

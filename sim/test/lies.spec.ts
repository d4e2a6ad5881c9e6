import { expect } from 'chai'
import { LIES } from '../src/hostile/lies.ts'
import type { RunRecord } from '../src/record.ts'
import { runScenario, type RunOptions } from '../src/run.ts'
import { parseScenario } from '../src/scenario/parse.ts'

async function play (about: readonly string[], more: Partial<RunOptions> = {}): Promise<RunRecord> {
  const scenario = parseScenario(`
name: liar
about: n1 lies, and nobody who is up is held to be down.
topology: { sites: 3, racks: 1, nodes: 4 }
workload: { tasks: { perNodeAndMinute: 3, runs: 5s } }
until: 1m
noFalseDowns: true
faults: [{ fault: lie, of: n1, at: 5s, every: 500ms, about: [${about.join(', ')}] }]`, 'liar')
  return await runScenario(scenario, { seed: 'lies', ...more })
}

describe('a node that lies', function () {
  this.timeout(60_000)

  for (const about of [...LIES.map(kind => [kind]), LIES]) {
    it(`about ${about.join(', ')} makes nobody else break a promise`, async () => {
      const { report } = await play(about)
      expect(report.broken).to.deep.equal([])
      expect(report.figures['exited']).to.equal(report.figures['acknowledged'])
    })
  }

  it('is heard: who is accused is suspected, and denies it', async () => {
    const { story } = await play(['accusation'])
    const told = (type: string): number => story.filter(({ text }) => text.startsWith(type)).length
    expect(told('nodeSuspected')).to.be.above(10)
    expect(told('nodeDown')).to.equal(0)
  })

  it('hides another site from the others, as long as it says that it speaks for it', async () => {
    const seen: Array<Promise<[atMs: number, nodes: number]>> = []
    await play(['summary'], {
      onBegin: cloud => cloud.every(5000, () => {
        const asked = cloud.node('n4')?.membership.everyone()
        if (asked !== undefined) seen.push(asked.then(({ nodes }) => [cloud.timeline.nowMs, nodes.length]))
      })
    })
    const counts = (await Promise.all(seen)).flatMap(([atMs, count]) => atMs > 15_000 ? [[atMs, count] as const] : [])
    expect(counts.some(([atMs, count]) => atMs < 60_000 && count < 12), 'a site is not seen').to.equal(true)
    expect(counts.findLast(([atMs]) => atMs < 100_000)?.[1]).to.equal(12)
  })
})

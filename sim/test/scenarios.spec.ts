import { expect } from 'chai'
import { runScenario } from '../src/run.ts'
import { readScenario, shippedNames } from '../src/command/read-scenario.ts'
import { parseScenario } from '../src/scenario/parse.ts'

describe('the scenarios that ship', () => {
  it('say what they are about, and are called as their files are', async () => {
    for (const name of await shippedNames()) expect((await readScenario(name)).name).to.equal(name)
  })

  it('hold, or say why they cannot be played yet', async function () {
    this.timeout(300_000)
    for (const name of await shippedNames()) {
      const scenario = await readScenario(name)
      if (scenario.pending !== undefined) continue
      const { report: { broken } } = await runScenario(scenario, { seed: 'spec', nodes: 9, untilMs: 60_000 })
      expect(broken, `again: welkin-sim run ${name} --seed spec --nodes 9 --until 1m`).to.deep.equal([])
    }
  })

  it('account for every task of a rack that loses power', async function () {
    this.timeout(180_000)
    const { report: { broken, figures } } = await runScenario(await readScenario('rack-power-cut'), {
      seed: '1', nodes: 40
    })
    expect(broken).to.deep.equal([])
    const { acknowledged = 0, exited = 0, lost = 0, restarted = 0 } = figures
    expect(acknowledged).to.be.above(100)
    expect(exited + lost).to.equal(acknowledged)
    expect(lost, 'the rack ran something').to.be.above(0)
    expect(restarted, 'some of it was to be restarted').to.be.above(0)
  })
})

describe('a run', () => {
  it('tells a machine that is off from one whose daemon has died', async () => {
    const scenario = parseScenario(`
name: twice
about: A machine loses power, and later its daemon dies.
until: 1m
faults:
  - { fault: power-cut, of: n2, at: 5s, for: 10s }
  - { fault: crash, of: n2, at: 30s, for: 10s }`, 'twice')
    const { samples, story } = await runScenario(scenario, { seed: '1' })
    const seen = samples.map(({ conditions }) => conditions[1])
    expect(seen.filter((condition, i) => condition !== seen[i - 1]))
      .to.deep.equal(['crashed', 'up', 'off', 'up', 'crashed', 'up'])
    const lives = story.filter(({ kind, nodes }) => kind === 'life' && nodes[0] === 'n2').map(({ text }) => text)
    expect(lives).to.deep.equal(['started', 'powered off', 'started', 'crashed', 'started'])
  })

  it('is a pure function of its scenario, its seed and what is left of its faults', async function () {
    this.timeout(120_000)
    const scenario = await readScenario('swarm')
    const run = async (seed: string, faults?: number[]): Promise<unknown> => {
      const { report, samples, story } = await runScenario(scenario, { seed, faults, nodes: 6, untilMs: 60_000 })
      return [report.traceHash, samples, story]
    }
    const first = await run('2')
    expect(await run('2')).to.deep.equal(first)
    expect(await run('3')).not.to.deep.equal(first)
    expect(await run('2', [1])).not.to.deep.equal(first)
  })

  it('ends when it is told to, with what was done so far', async () => {
    const stop = new AbortController()
    const { report, samples } = await runScenario(await readScenario('swarm'), {
      seed: '1',
      signal: stop.signal,
      onBegin: cloud => cloud.timeline.after(20_000, () => stop.abort())
    })
    expect(report.interrupted).to.equal(true)
    expect(report.virtualSeconds).to.be.within(20, 21)
    expect(samples.length).to.be.above(10)
  })
})

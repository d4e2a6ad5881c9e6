import { expect } from 'chai'
import { runScenario } from '../src/run.ts'
import { rackPowerCut } from '../src/scenarios/rack-power-cut.ts'

describe('rack-power-cut', () => {
  it('accounts for every task of a hundred nodes', async function () {
    this.timeout(180_000)
    const { faults, figures } = await runScenario(rackPowerCut, { seed: 1 })
    expect(faults, 'again: npm run sim -- rack-power-cut --seed 1').to.deep.equal([])
    const { acknowledged = 0, refused = 0, exited = 0, lost = 0, restarted = 0 } = figures
    expect(acknowledged + refused).to.equal(1000)
    expect(exited + lost).to.equal(acknowledged)
    expect(lost, 'the rack ran something').to.be.above(0)
    expect(restarted, 'some of it was to be restarted').to.be.above(0)
  })

  it('is a pure function of its seed', async function () {
    this.timeout(120_000)
    const hash = async (seed: number): Promise<string> =>
      (await runScenario(rackPowerCut, { seed, nodes: 20 })).traceHash
    const [first, again, other] = [await hash(1), await hash(1), await hash(2)]
    expect(again).to.equal(first)
    expect(other).not.to.equal(first)
  })
})

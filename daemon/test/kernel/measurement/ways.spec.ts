import { expect } from 'chai'
import { Ways } from '../../../src/kernel/measurement/ways.ts'

describe('the ways to peers', () => {
  it('are unknown at first', () => {
    expect(new Ways(10).way('n1', 0)).to.deep.equal({})
  })

  it('have a round trip that a few slow ones do not change, with its age and how many it rests on', () => {
    const ways = new Ways(10)
    for (const rttMs of [10, 11, 300, 10, 12, 900, 11, 10]) ways.rtt('n1', rttMs, 1000)
    expect(ways.way('n1', 1500).rtt).to.deep.equal({ value: 10, samples: 8, ageMs: 500 })
  })

  it('have the share of requests that were lost lately', () => {
    const ways = new Ways(10)
    for (let i = 0; i < 30; i++) ways.request('n1', i % 3 === 0 ? 'lost' : 'answered', i)
    const { value, samples } = ways.way('n1', 30).loss ?? { value: Number.NaN, samples: 0 }
    expect(value).to.be.closeTo(1 / 3, 1e-9)
    expect(samples).to.equal(30)
    for (let i = 0; i < 2000; i++) ways.request('n1', 'answered', 100)
    expect(ways.way('n1', 100).loss?.value).to.be.below(0.001)
  })

  it('have the bandwidth of transfers, the latest counting most', () => {
    const ways = new Ways(10)
    ways.transfer('n1', 100e6, 0)
    expect(ways.way('n1', 0).bandwidth).to.deep.equal({ value: 100e6, samples: 1, ageMs: 0 })
    for (let i = 0; i < 20; i++) ways.transfer('n1', 50e6, 10)
    expect(ways.way('n1', 10).bandwidth?.value).to.be.closeTo(50e6, 1e6)
  })

  it('are remembered of so many peers only, those that were seen last', () => {
    const ways = new Ways(2)
    ways.rtt('n1', 1, 0)
    ways.rtt('n2', 1, 0)
    ways.rtt('n1', 1, 0)
    ways.rtt('n3', 1, 0)
    expect(['n1', 'n2', 'n3'].map(peer => ways.way(peer, 0).rtt !== undefined)).to.deep.equal([true, false, true])
  })
})

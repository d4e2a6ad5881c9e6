import { expect } from 'chai'
import { linksByZone } from '../src/index.ts'

const ZONES: Record<string, string> = { a: 'acme/lyon/r1', b: 'acme/lyon/r1', c: 'acme/lyon/r2', d: 'acme/oslo/r1' }

describe('Links by zone', () => {
  it('are faster the more two zones have in common', () => {
    const links = linksByZone(node => ZONES[node] as string)
    const latencies = ['b', 'c', 'd'].map(node => links('a', node).latencyMs)
    expect(latencies).to.deep.equal(latencies.toSorted((a, b) => a - b))
    expect(new Set(latencies).size).to.equal(3)
  })

  it('are those that were given, for what was given', () => {
    const site = { latencyMs: 1, jitterMs: 0, bytesPerSecond: 1e6, lossRatio: 0 }
    const links = linksByZone(node => ZONES[node] as string, { site })
    expect(links('a', 'c')).to.equal(site)
    expect(links('a', 'd').latencyMs).to.equal(15)
  })
})

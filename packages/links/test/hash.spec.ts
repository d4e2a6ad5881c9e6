import { expect } from 'chai'
import { unitOf } from '../src/hash.ts'

const BINS = 20
const names = Array.from({ length: 20_000 }, (_none, at) => `link ${at}`)

describe('A number that follows from a text', () => {
  it('is the same each time, and another for another text', () => {
    expect(unitOf('n1 to n2')).to.equal(unitOf('n1 to n2'))
    expect(new Set(names.map(unitOf)).size).to.equal(names.length)
  })

  it('falls anywhere in [0, 1), as often here as there', () => {
    const bins = Array.from({ length: BINS }, () => 0)
    for (const bin of names.map(name => Math.floor(unitOf(name) * BINS))) bins[bin] = (bins[bin] as number) + 1
    const expected = names.length / BINS
    const chiSquared = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    expect(chiSquared, 'below the 99.9th percentile of 19 degrees of freedom').to.be.below(43.8)
  })

  it('is known: real daemons of two versions agree on it', () => {
    expect([unitOf(''), unitOf('welkin')]).to.deep.equal([0.2833841275668708, 0.2707647381360484])
  })
})

import { expect } from 'chai'
import { nearestFirst } from '../../../src/kernel/relays/nearest-first.ts'

describe('the order of relays', () => {
  it('is that of the sums of both legs', () => {
    expect(nearestFirst([
      { id: 'near here', hereMs: 1, thereMs: 90 },
      { id: 'between', hereMs: 20, thereMs: 30 },
      { id: 'near there', hereMs: 80, thereMs: 2 }
    ])).to.deep.equal(['between', 'near there', 'near here'])
  })

  it('has those last of whom a leg is not known, and few', () => {
    expect(nearestFirst([
      { id: 'b', hereMs: undefined, thereMs: undefined },
      { id: 'a', hereMs: undefined, thereMs: undefined },
      { id: 'c', hereMs: 300, thereMs: undefined },
      { id: 'd', hereMs: 300, thereMs: 300 }
    ])).to.deep.equal(['d', 'c', 'a', 'b'])
    expect(nearestFirst(Array.from({ length: 50 }, (_, i) => ({ id: `n${i}`, hereMs: i, thereMs: i }))))
      .to.have.lengthOf(8)
  })
})

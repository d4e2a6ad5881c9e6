import { expect } from 'chai'
import { createVirtualRandom } from '@welkin/platform-virtual'
import { nearestFirst, tiersOf } from '../src/order.ts'

const at = (...rtts: Array<number | undefined>) => rtts.map(rttMs => ({ rttMs }))

describe('the order of endpoints', () => {
  it('has the nearest first, and what is unknown last', () => {
    const order = nearestFirst(at(undefined, 30, 5, undefined, 12), createVirtualRandom(1))
    expect(order.map(({ rttMs }) => rttMs)).to.deep.equal([5, 12, 30, undefined, undefined])
  })

  it('is drawn by chance among those that are about as near', () => {
    const items = [{ name: 'a', rttMs: 10 }, { name: 'b', rttMs: 10.5 }, { name: 'far', rttMs: 40 }]
    const random = createVirtualRandom(1)
    const firsts = new Set(Array.from({ length: 50 }, () => nearestFirst(items, random)[0]?.name))
    expect([...firsts].toSorted()).to.deep.equal(['a', 'b'])
  })

  it('is that of distance alone where there is no chance', () => {
    expect(nearestFirst(at(10.5, 10, 3), undefined)).to.deep.equal(at(3, 10, 10.5))
  })

  it('counts groups from the nearest of each, so that a chain of small steps does not make all equal', () => {
    expect(tiersOf(at(10, 11, 12, 13, 100, undefined, undefined))).to.deep.equal([0, 0, 1, 1, 2, 3, 3])
    expect(tiersOf([])).to.deep.equal([])
  })
})

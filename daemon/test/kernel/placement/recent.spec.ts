import { expect } from 'chai'
import { RecentPlacements } from '../../../src/kernel/placement/recent.ts'

describe('what was placed lately', () => {
  it('counts until the node has told of it', () => {
    const recent = new RecentPlacements()
    recent.add('n1', 3, 100)
    recent.add('n1', 2, 200)
    expect(recent.countSince('n1', 50)).to.equal(5)
    expect(recent.countSince('n1', 150)).to.equal(2)
    expect(recent.countSince('n1', 250)).to.equal(0)
    expect(recent.countSince('n2', 0)).to.equal(0)
  })

  it('is forgotten after a minute, though nobody asks any more', () => {
    const recent = new RecentPlacements()
    for (const node of ['n1', 'n2', 'n3']) recent.add(node, 1, 100)
    recent.add('n2', 1, 50_000)
    recent.add('n4', 1, 60_100)
    expect(recent.size).to.equal(2)
    expect(recent.countSince('n2', 60)).to.equal(2)
    expect(recent.countSince('n1', 60)).to.equal(0)
  })
})

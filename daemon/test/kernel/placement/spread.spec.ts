import { expect } from 'chai'
import fc from 'fast-check'
import { RecentPlacements } from '../../../src/kernel/placement/recent.ts'
import { spread, type Candidate } from '../../../src/kernel/placement/spread.ts'

const candidate = (id: string, more: Partial<Candidate> = {}): Candidate => ({ id, objects: 0, room: 100, cpuCount: 1, ...more })

describe('spreading objects', () => {
  it('gives equal nodes equal shares', () => {
    expect([...spread([candidate('a'), candidate('b'), candidate('c')], 9)]).to.deep.equal([['a', 3], ['b', 3], ['c', 3]])
  })

  it('evens out what is there already, by CPU', () => {
    expect(Object.fromEntries(spread([candidate('a', { objects: 4 }), candidate('b', { cpuCount: 2 })], 8))).to.deep.equal({ b: 8 })
    expect(Object.fromEntries(spread([candidate('a'), candidate('b', { cpuCount: 3 })], 8))).to.deep.equal({ a: 2, b: 6 })
  })

  it('never gives a node more than it takes, and all that fits', () => {
    const candidates = fc.array(fc.record({ objects: fc.nat(20), room: fc.integer({ min: -5, max: 20 }), cpuCount: fc.integer({ min: 1, max: 8 }) }), { maxLength: 8 })
    fc.assert(fc.property(candidates, fc.nat(100), (drawn, count) => {
      const named = drawn.map((more, index) => ({ id: `n${index}`, ...more }))
      const shares = spread(named, count)
      const rooms = named.map(({ room }) => Math.max(0, room))
      for (const [index, { id }] of named.entries()) expect(shares.get(id) ?? 0).to.be.at.most(rooms[index] as number)
      const given = [...shares.values()].reduce((sum, share) => sum + share, 0)
      expect(given).to.equal(Math.min(count, rooms.reduce((sum, free) => sum + free, 0)))
    }))
  })
})

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
})

import { expect } from 'chai'
import fc from 'fast-check'
import { RecentPlacements } from '../../../src/kernel/placement/recent.ts'
import { spread, type Candidate } from '../../../src/kernel/placement/spread.ts'

const candidate = (id: string, more: Partial<Candidate> = {}): Candidate => ({
  id, objects: 0, room: 100, cpuCount: 1, ...more
})

describe('spreading objects', () => {
  it('gives equal nodes equal shares', () => {
    const shares = spread([candidate('a'), candidate('b'), candidate('c')], 9)
    expect([...shares]).to.deep.equal([['a', 3], ['b', 3], ['c', 3]])
  })

  it('evens out what is there already, by CPU', () => {
    const crowded = spread([candidate('a', { objects: 4 }), candidate('b', { cpuCount: 2 })], 8)
    expect(Object.fromEntries(crowded)).to.deep.equal({ b: 8 })
    const unequal = spread([candidate('a'), candidate('b', { cpuCount: 3 })], 8)
    expect(Object.fromEntries(unequal)).to.deep.equal({ a: 2, b: 6 })
  })

  it('never gives a node more than it takes, and all that fits', () => {
    const candidates = fc.array(fc.record({
      objects: fc.nat(20), room: fc.integer({ min: -5, max: 20 }), cpuCount: fc.integer({ min: 1, max: 8 })
    }), { maxLength: 8 })
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

describe('each object of a spread', () => {
  /** The rule as it reads, one object after the other. */
  function spreadPlainly (candidates: readonly Candidate[], count: number): Map<string, number> {
    const given = new Map<string, number>()
    const givenTo = ({ id }: Candidate): number => given.get(id) ?? 0
    const crowding = (one: Candidate): number => (one.objects + givenTo(one)) / one.cpuCount
    for (let placed = 0; placed < count; placed++) {
      const open = candidates.filter(one => givenTo(one) < one.room)
      const least = Math.min(...open.map(crowding))
      const first = open.find(one => crowding(one) === least)
      if (first !== undefined) given.set(first.id, givenTo(first) + 1)
    }
    return given
  }

  it('goes to the first of those that are least crowded by then', () => {
    const one = fc.record({
      objects: fc.nat(6), room: fc.integer({ min: -1, max: 8 }), cpuCount: fc.integer({ min: 1, max: 3 })
    })
    fc.assert(fc.property(fc.array(one, { maxLength: 12 }), fc.nat(60), (drawn, count) => {
      const candidates = drawn.map((more, index) => ({ id: `n${index}`, ...more }))
      expect(Object.fromEntries(spread(candidates, count))).to.deep.equal(
        Object.fromEntries(spreadPlainly(candidates, count)))
    }))
  })

  it('goes, among equals, to the earlier', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(100), fc.nat(5), (nodes, count, objects) => {
      const equals = Array.from({ length: nodes }, (_, index) => candidate(`n${index}`, { objects, room: 1000 }))
      const shares = spread(equals, count)
      for (const [index, { id }] of equals.entries()) {
        expect(shares.get(id) ?? 0).to.equal(Math.floor(count / nodes) + (index < count % nodes ? 1 : 0))
      }
    }))
  })

  it('finds its place among a thousand nodes, for as many objects as one call may bring', () => {
    const nodes = Array.from({ length: 1000 }, (_, index) => candidate(`n${index}`, { room: Number.POSITIVE_INFINITY }))
    expect(new Set(spread(nodes, 100_000).values())).to.deep.equal(new Set([100]))
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

  it('is forgotten with the nodes that have left', () => {
    const recent = new RecentPlacements()
    for (const node of ['n1', 'n2', 'n3']) recent.add(node, 1, 100)
    recent.keepOnly(new Set(['n2']))
    expect(recent.size).to.equal(1)
    expect(recent.countSince('n2', 0)).to.equal(1)
  })
})

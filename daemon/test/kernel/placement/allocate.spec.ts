import { expect } from 'chai'
import fc from 'fast-check'
import { allocate, type Candidate } from '../../../src/kernel/placement/allocate.ts'

/** A node whose next object costs as much as it has objects by then, for each CPU. */
interface Drawn { objects: number, room: number, cpuCount: number, group: string }

const candidate = (
  id: string, { objects = 0, room = 100, cpuCount = 1, group = '' }: Partial<Drawn> = {}
): Candidate => ({ id, room, group, costWith: given => (objects + given) / cpuCount })

const drawn = fc.record({
  objects: fc.nat(6), room: fc.integer({ min: -1, max: 8 }), cpuCount: fc.integer({ min: 1, max: 3 }),
  group: fc.constantFrom('a', 'b', 'c')
})

/** The rule as it reads, one object after the other. */
function allocatePlainly (candidates: readonly Candidate[], count: number): Map<string, number> {
  const given = new Map<string, number>()
  const givenTo = ({ id }: Candidate): number => given.get(id) ?? 0
  const costOf = (one: Candidate): number => one.costWith(givenTo(one))
  const groupGiven = (group: string): number =>
    candidates.filter(one => one.group === group).reduce((sum, one) => sum + givenTo(one), 0)
  for (let placed = 0; placed < count; placed++) {
    const open = candidates.filter(one => givenTo(one) < one.room)
    const fewest = Math.min(...open.map(({ group }) => groupGiven(group)))
    const inGroups = open.filter(({ group }) => groupGiven(group) === fewest)
    const least = Math.min(...inGroups.map(costOf))
    const first = inGroups.find(one => costOf(one) === least)
    if (first !== undefined) given.set(first.id, givenTo(first) + 1)
  }
  return given
}

describe('the allocation of objects', () => {
  it('gives equal nodes equal shares', () => {
    const shares = allocate([candidate('a'), candidate('b'), candidate('c')], 9)
    expect([...shares]).to.deep.equal([['a', 3], ['b', 3], ['c', 3]])
  })

  it('evens out what is there already, by CPU', () => {
    const crowded = allocate([candidate('a', { objects: 4 }), candidate('b', { cpuCount: 2 })], 8)
    expect(Object.fromEntries(crowded)).to.deep.equal({ b: 8 })
    const unequal = allocate([candidate('a'), candidate('b', { cpuCount: 3 })], 8)
    expect(Object.fromEntries(unequal)).to.deep.equal({ a: 2, b: 6 })
  })

  it('fills racks evenly though one has more nodes, as far as there is room', () => {
    const nodes = [
      candidate('a', { group: 'r1' }), candidate('b', { group: 'r1' }), candidate('c', { group: 'r1' }),
      candidate('d', { group: 'r2', room: 3 })
    ]
    expect(Object.fromEntries(allocate(nodes, 4))).to.deep.equal({ a: 1, b: 1, d: 2 })
    expect(Object.fromEntries(allocate(nodes, 9))).to.deep.equal({ a: 2, b: 2, c: 2, d: 3 })
  })

  it('never gives a node more than it takes, and all that fits', () => {
    fc.assert(fc.property(fc.array(drawn, { maxLength: 8 }), fc.nat(100), (nodes, count) => {
      const named = nodes.map((more, index) => candidate(`n${index}`, more))
      const shares = allocate(named, count)
      for (const { id, room } of named) expect(shares.get(id) ?? 0).to.be.at.most(Math.max(0, room))
      const given = [...shares.values()].reduce((sum, share) => sum + share, 0)
      expect(given).to.equal(Math.min(count, named.reduce((sum, { room }) => sum + Math.max(0, room), 0)))
    }))
  })

  it('gives each to the group that has fewest, and there to the first of those that cost least by then', () => {
    fc.assert(fc.property(fc.array(drawn, { maxLength: 12 }), fc.nat(60), (nodes, count) => {
      const candidates = nodes.map((more, index) => candidate(`n${index}`, more))
      expect(Object.fromEntries(allocate(candidates, count))).to.deep.equal(
        Object.fromEntries(allocatePlainly(candidates, count)))
    }))
  })

  it('finds its way among a thousand nodes, for as many objects as one call may bring', () => {
    const nodes = Array.from({ length: 1000 }, (_, index) => candidate(`n${index}`, { room: Number.POSITIVE_INFINITY }))
    expect(new Set(allocate(nodes, 100_000).values())).to.deep.equal(new Set([100]))
  })
})

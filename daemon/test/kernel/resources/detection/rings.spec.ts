import { expect } from 'chai'
import * as fc from 'fast-check'
import { Rings } from '../../../../src/kernel/resources/detection/rings.ts'
import { HANDLE_END, type Handle } from '../../../../src/kernel/resources/statements/handle.ts'

const handle = fc.integer({ min: 0, max: HANDLE_END - 1 })
const handles = fc.uniqueArray(handle, { minLength: 1, maxLength: 40 })
const ringCount = fc.integer({ min: 1, max: 6 })

function ringsOf (count: number, members: readonly Handle[]): Rings {
  const rings = new Rings(count)
  for (const member of members) rings.add(member)
  return rings
}

/** Handles as good as drawn by chance, the same in every run. */
function many (count: number): Handle[] {
  return Array.from({ length: count }, (_, i) => (i * 0x9e3779b97f4a + 12345) % HANDLE_END)
}

describe('the rings', () => {
  it('give each node as many observers as there are rings, or all others', () => {
    fc.assert(fc.property(ringCount, handles, (count, members) => {
      const rings = ringsOf(count, members)
      for (const member of members) {
        const observers = rings.observersOf(member)
        expect(observers).to.have.lengthOf(Math.min(count, members.length - 1))
        expect(new Set(observers)).to.have.lengthOf(observers.length).and.not.include(member)
      }
    }))
  })

  it('agree with themselves on who watches whom', () => {
    fc.assert(fc.property(ringCount, handles, (count, members) => {
      const rings = ringsOf(count, members)
      for (const a of members) {
        expect(rings.subjectsOf(a)).to.have.members(members.filter(b => rings.observersOf(b).includes(a)))
      }
    }))
  })

  it('are those of the nodes that are there, however these came and went', () => {
    const step = fc.record({ member: fc.integer({ min: 0, max: 30 }), comes: fc.boolean() })
    fc.assert(fc.property(ringCount, fc.array(step, { maxLength: 120 }), (count, steps) => {
      const rings = new Rings(count)
      const there = new Set<Handle>()
      for (const { member, comes } of steps) {
        rings[comes ? 'add' : 'remove'](member)
        there[comes ? 'add' : 'delete'](member)
      }
      const fresh = ringsOf(count, [...there])
      expect(rings.size).to.equal(there.size)
      for (let member = 0; member <= 30; member++) {
        expect(rings.observersOf(member)).to.deep.equal(fresh.observersOf(member))
        expect(rings.subjectsOf(member)).to.deep.equal(fresh.subjectsOf(member))
      }
    }))
  })

  it('give a node that is not there nobody to watch, and nobody that watches it', () => {
    const rings = ringsOf(4, many(10))
    expect([rings.subjectsOf(7), rings.observersOf(7)]).to.deep.equal([[], []])
    expect(new Rings(4).observersOf(7)).to.deep.equal([])
    expect(ringsOf(4, [7]).observersOf(7)).to.deep.equal([])
  })

  it('lead from any node of a thousand to any other in five steps', () => {
    const members = many(1000)
    const rings = ringsOf(4, members)
    for (const start of members.slice(0, 5)) {
      let edge = [start]
      const reached = new Set(edge)
      let steps = 0
      for (; edge.length > 0 && reached.size < members.length; steps++) {
        edge = edge.flatMap(member => [...rings.subjectsOf(member), ...rings.observersOf(member)])
          .filter(next => !reached.has(next) && reached.add(next))
      }
      expect(reached).to.have.lengthOf(1000)
      expect(steps).to.be.at.most(5)
    }
  })

  it('are shared fairly: nobody watches many more than others', () => {
    const members = many(1000)
    const rings = ringsOf(4, members)
    const counts = members.map(member => rings.subjectsOf(member).length)
    expect(counts.reduce((sum, count) => sum + count)).to.equal(4000)
    expect(Math.max(...counts)).to.be.at.most(6)
    expect(Math.min(...counts)).to.be.at.least(1)
  })
})

describe('watching', () => {
  it('is what an observer does, though others know of up to two nodes more or less', () => {
    const few = fc.array(fc.nat(200), { maxLength: 2 })
    fc.assert(fc.property(ringCount, fc.array(fc.nat(200), { minLength: 5, maxLength: 40 }), few, few, (
      count, seeds, more, less
    ) => {
      const members = [...new Set(many(201).filter((_, i) => seeds.includes(i)))]
      const theirs = ringsOf(count, members)
      const mine = ringsOf(count, members)
      for (const i of more) mine.add(many(201)[i] as Handle)
      for (const subject of members) {
        for (const accuser of theirs.observersOf(subject)) expect(mine.watches(accuser, subject)).to.equal(true)
      }
      for (const i of less) mine.remove(many(201)[i] as Handle)
      for (const subject of members) {
        const there = theirs.observersOf(subject).filter(accuser => mine.observersOf(accuser).length > 0)
        for (const accuser of there) expect(mine.watches(accuser, subject)).to.equal(true)
      }
    }), { numRuns: 50 })
  })

  it('is not what just anybody does', () => {
    const members = many(200)
    const rings = ringsOf(4, members)
    const watching = members.filter(accuser => rings.watches(accuser, members[0] as Handle))
    expect(watching.length).to.be.within(4, 20)
    expect(rings.watches(7, members[0] as Handle)).to.equal(false)
  })
})

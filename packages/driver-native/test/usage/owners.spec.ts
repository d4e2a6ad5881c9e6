import { expect } from 'chai'
import fc from 'fast-check'
import { ownersOf, type Kinship } from '../../src/shepherd/usage/owners.ts'

const kin = (...rows: ReadonlyArray<readonly [pid: number, parent: number, session: number]>): Map<number, Kinship> =>
  new Map(rows.map(([pid, parent, session]) => [pid, { parent, session }]))

const isLeader = (pid: number): boolean => pid === 100 || pid === 200

describe('the owner of a process', () => {
  it('is the leader in whose session it is, whoever its parent is now', () => {
    const processes = kin([1, 0, 1], [100, 50, 100], [101, 100, 100], [102, 1, 100], [200, 50, 200])
    expect([...ownersOf(processes, isLeader)]).to.deep.equal([[100, 100], [101, 100], [102, 100], [200, 200]])
  })

  it('is that of its parent where it has made a session of its own', () => {
    const processes = kin([103, 102, 102], [102, 101, 102], [101, 100, 100], [100, 50, 100])
    expect(ownersOf(processes, isLeader).get(103)).to.equal(100)
  })

  it('is none for processes that are nobody\'s, whose parents are not there, or seem to be their own children', () => {
    const processes = kin([1, 0, 1], [2, 1, 1], [3, 99, 99], [4, 5, 4], [5, 4, 4])
    expect(ownersOf(processes, isLeader).size).to.equal(0)
  })

  it('is found in a line of any length', () => {
    const processes = kin([100, 50, 100])
    for (let pid = 1000; pid < 50_000; pid++) processes.set(pid, { parent: pid === 1000 ? 100 : pid - 1, session: pid })
    for (const ordered of [[...processes], [...processes].toReversed()]) {
      expect(new Set(ownersOf(new Map(ordered), isLeader).values())).to.deep.equal(new Set([100]))
    }
  })

  it('is always a leader, and a leader\'s is itself', () => {
    const pid = fc.integer({ min: 1, max: 12 })
    const processes = fc.array(fc.tuple(pid, pid, pid)).map(rows => kin(...rows))
    fc.assert(fc.property(processes, fc.func(fc.boolean()), (all, leads) => {
      const owners = ownersOf(all, leads)
      for (const owner of owners.values()) expect(leads(owner)).to.equal(true)
      for (const each of all.keys()) if (leads(each)) expect(owners.get(each)).to.equal(each)
    }))
  })
})

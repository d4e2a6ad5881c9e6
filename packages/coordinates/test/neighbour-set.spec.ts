import { expect } from 'chai'
import { NeighbourSet, ORIGIN } from '../src/index.ts'
import { chance } from './kit.ts'

const peersAt = (count: number) => Array.from({ length: count }, (_, index) => ({
  id: `n${index}`, coordinate: { ...ORIGIN, vector: [index, 0, 0, 0, 0, 0] }
}))

/** Whom a set measures in so many rounds, a list a round. */
function rounds (set: NeighbourSet, known: ReturnType<typeof peersAt>, count: number, size: number): string[][] {
  return Array.from({ length: count }, () =>
    Array.from({ length: size }, () => set.next(ORIGIN, () => known) as string))
}

describe('a set of neighbours', () => {
  it('is empty while nobody is known', () => {
    expect(new NeighbourSet(chance(1)).next(ORIGIN, () => [])).to.equal(undefined)
  })

  it('measures each of a few in its turn', () => {
    const set = new NeighbourSet(chance(1))
    const [round = []] = rounds(set, peersAt(5), 1, 5)
    expect(round.toSorted()).to.deep.equal(['n0', 'n1', 'n2', 'n3', 'n4'])
  })

  it('holds the nearest always, the others for long, and in the end everyone', () => {
    const set = new NeighbourSet(chance(2), { size: 8, nearShare: 0.5, renewedShare: 0.25 })
    const all = rounds(set, peersAt(100), 200, 8)
    for (const round of all) expect(round).to.include.members(['n0', 'n1', 'n2', 'n3'])
    const kept = all.slice(1).map((round, index) => round.filter(id => all[index]?.includes(id)).length)
    expect(kept.reduce((sum, count) => sum + count, 0) / kept.length).to.be.within(6, 8)
    expect(new Set(all.flat()).size).to.be.above(80)
  })

  it('takes peers that do not say where they stand, among the far ones', () => {
    const known = [...peersAt(2), { id: 'unknown' }, { id: 'odd', coordinate: { ...ORIGIN, vector: [1] } }]
    const set = new NeighbourSet(chance(3), { size: 4, nearShare: 0.5, renewedShare: 0 })
    expect(rounds(set, known as ReturnType<typeof peersAt>, 1, 4)[0]?.toSorted())
      .to.deep.equal(['n0', 'n1', 'odd', 'unknown'])
  })
})

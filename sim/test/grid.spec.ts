import { expect } from 'chai'
import { grid } from '../src/topology/grid.ts'

describe('a grid', () => {
  it('spreads nodes evenly over the racks of its sites', () => {
    const places = grid({ sites: 2, racks: 3, nodes: 13 })
    expect(places.slice(0, 4)).to.deep.equal([
      { name: 'n1', zone: 'sim/s1/r1' },
      { name: 'n2', zone: 'sim/s1/r2' },
      { name: 'n3', zone: 'sim/s1/r3' },
      { name: 'n4', zone: 'sim/s2/r1' }
    ])
    const sizes = new Map<string, number>()
    for (const { zone } of places) sizes.set(zone, (sizes.get(zone) ?? 0) + 1)
    expect([...sizes.values()]).to.have.members([3, 2, 2, 2, 2, 2])
  })
})

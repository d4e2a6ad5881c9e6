import { expect } from 'chai'
import fc from 'fast-check'
import { spreadZones } from '../src/zones.ts'

describe('the zones of a local cloud', () => {
  it('take turns over the sites, and then over the racks', () => {
    expect(spreadZones(5, 2, 2)).to.deep.equal([
      'local/site1/rack1', 'local/site2/rack1', 'local/site1/rack2', 'local/site2/rack2', 'local/site1/rack1'
    ])
  })

  it('never hold two nodes more in one rack than in another', () => {
    const few = fc.integer({ min: 1, max: 9 })
    fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), few, few, (count, sites, racks) => {
      const nodes = new Map<string, number>()
      for (const zone of spreadZones(count, sites, racks)) nodes.set(zone, (nodes.get(zone) ?? 0) + 1)
      const sizes = [...nodes.values(), ...(nodes.size < sites * racks ? [0] : [])]
      expect(Math.max(...sizes) - Math.min(...sizes)).to.be.at.most(1)
    }))
  })
})

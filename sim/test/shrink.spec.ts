import { expect } from 'chai'
import fc from 'fast-check'
import { shrink } from '../src/shrink.ts'

const ITEMS = Array.from({ length: 40 }, (_, i) => i)

describe('shrinking', () => {
  it('finds the very items that are needed', async () => {
    await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.constantFrom(...ITEMS), { maxLength: 5 }), async needed => {
      const fewest = await shrink(ITEMS, async subset => needed.every(item => subset.includes(item)))
      expect(fewest).to.have.members(needed)
    }))
  })

  it('leaves nothing out that is needed where any of two will do', async () => {
    const fewest = await shrink(ITEMS, async subset => subset.includes(3) || subset.includes(31))
    expect(fewest).to.have.lengthOf(1)
  })
})

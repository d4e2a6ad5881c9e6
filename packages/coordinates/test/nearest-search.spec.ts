import { expect } from 'chai'
import fc from 'fast-check'
import { NearestSearch } from '../src/index.ts'

/** Searches where true round trips are known; says who was probed, and the order. */
function search (
  candidates: Array<{ id: string, rttMs: number, errorMs: number, trueMs: number | undefined }>, probes: number
): { probed: string[], order: string[] } {
  const steps = new NearestSearch(candidates, probes)
  const probed: string[] = []
  for (let id = steps.next(); id !== undefined; id = steps.next()) {
    probed.push(id)
    steps.observe(id, candidates.find(candidate => candidate.id === id)?.trueMs)
  }
  return { probed, order: steps.order() }
}

describe('a search for the nearest', () => {
  it('goes by estimates alone where no probe is allowed', () => {
    const candidates = [{ id: 'a', rttMs: 9, errorMs: 1, trueMs: 1 }, { id: 'b', rttMs: 5, errorMs: 1, trueMs: 7 }]
    expect(search(candidates, 0)).to.deep.equal({ probed: [], order: ['b', 'a'] })
  })

  it('probes those that may be nearest, and nobody who cannot be', () => {
    const candidates = [
      { id: 'a', rttMs: 10, errorMs: 1, trueMs: 12 }, { id: 'b', rttMs: 11, errorMs: 1, trueMs: 9 },
      { id: 'c', rttMs: 100, errorMs: 5, trueMs: 1 }
    ]
    expect(search(candidates, 5)).to.deep.equal({ probed: ['a', 'b'], order: ['b', 'a', 'c'] })
  })

  it('leaves those out that do not answer', () => {
    const candidates = [
      { id: 'a', rttMs: 1, errorMs: 1, trueMs: undefined }, { id: 'b', rttMs: 2, errorMs: 1, trueMs: 3 }
    ]
    expect(search(candidates, 5).order).to.deep.equal(['b'])
  })

  it('asks for no more probes than allowed, and finds the nearest where bars hold and probes suffice', () => {
    const candidate = fc.record({
      trueMs: fc.integer({ min: 1, max: 1000 }), offMs: fc.double({ min: -20, max: 20, noNaN: true })
    })
    fc.assert(fc.property(fc.array(candidate, { minLength: 1, maxLength: 12 }), fc.nat(12), (drawn, probes) => {
      const candidates = drawn.map(({ trueMs, offMs }, index) =>
        ({ id: `n${index}`, rttMs: trueMs + offMs, errorMs: 20, trueMs }))
      const { probed, order } = search(candidates, probes)
      expect(probed.length).to.be.at.most(probes)
      expect(order).to.have.lengthOf(candidates.length)
      if (probes < candidates.length) return
      const bestMs = Math.min(...candidates.map(({ trueMs }) => trueMs))
      expect(candidates.find(({ id }) => id === order[0])?.trueMs).to.equal(bestMs)
    }))
  })
})

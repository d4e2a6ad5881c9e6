import { expect } from 'chai'
import { distanceMs, estimate, isCoordinate, ORIGIN } from '../src/index.ts'

const place = (x: number, heightMs = 0, error = 0.1) => ({ vector: [x, 0, 0, 0, 0, 0], heightMs, error })

describe('a coordinate', () => {
  it('is as far from another as their vectors are, and both heights', () => {
    expect(distanceMs(place(3, 1), place(-4, 2))).to.equal(10)
    expect(distanceMs(place(3, 1), place(3, 1))).to.equal(2)
  })

  it('tells how much an estimate may be off: more for nodes that know less, and farther away', () => {
    const [near, far] = [estimate(place(0), place(10)), estimate(place(0), place(100))]
    expect(near.rttMs).to.equal(10)
    expect(far.errorMs).to.be.above(near.errorMs)
    expect(estimate(place(0, 0, 0.5), place(10)).errorMs).to.be.above(near.errorMs)
  })

  it('is refused when it is none, not finite, of another size or out of this world', () => {
    expect(isCoordinate(ORIGIN)).to.equal(true)
    expect(isCoordinate(place(-59_999, 3))).to.equal(true)
    for (const nonsense of [
      undefined, null, 7, 'x', {}, [], place(Number.NaN), place(Number.POSITIVE_INFINITY), place(60_001), place(0, -1),
      place(0, Number.NaN), place(0, 0, -0.1), place(0, 0, 1.1), place(0, 0, Number.NaN),
      { ...place(0), vector: [1, 2] }, { ...place(0), vector: ['1', 0, 0, 0, 0, 0] }
    ]) expect(isCoordinate(nonsense), JSON.stringify(nonsense)).to.equal(false)
  })
})

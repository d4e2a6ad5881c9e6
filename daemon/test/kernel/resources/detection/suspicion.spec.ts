import { expect } from 'chai'
import { suspicionMs } from '../../../../src/kernel/resources/detection/suspicion.ts'

const BOUNDS = { minMs: 2000, maxMs: 6000 }

describe('the time to deny', () => {
  it('is longest where one accuses, and shorter with each that agrees', () => {
    const times = [1, 2, 3, 4].map(accusers => suspicionMs(accusers, 4, BOUNDS))
    expect(times).to.deep.equal([6000, 4000, times[2], 2000])
    expect(times[2]).to.be.within(2001, 3999)
  })

  it('is shortest where all agree that could, or where there is nobody else', () => {
    expect([[1, 1], [1, 0], [3, 3], [5, 3]].map(([accusers, expected]) =>
      suspicionMs(accusers as number, expected as number, BOUNDS))).to.deep.equal([2000, 2000, 2000, 2000])
  })

  it('is longest where nobody accuses any more', () => {
    expect(suspicionMs(0, 3, BOUNDS)).to.equal(6000)
  })
})

import { expect } from 'chai'
import { isLater, isStamp } from '../../../../src/kernel/resources/statements/stamp.ts'

describe('a stamp', () => {
  it('is later in a later life, and in one life with a later version', () => {
    expect(isLater({ incarnation: 2, version: 0 }, { incarnation: 1, version: 9 })).to.equal(true)
    expect(isLater({ incarnation: 1, version: 9 }, { incarnation: 2, version: 0 })).to.equal(false)
    expect(isLater({ incarnation: 1, version: 2 }, { incarnation: 1, version: 1 })).to.equal(true)
    expect(isLater({ incarnation: 1, version: 1 }, { incarnation: 1, version: 1 })).to.equal(false)
  })

  it('is two whole numbers that are exact', () => {
    expect(isStamp(0, 0)).to.equal(true)
    expect(isStamp(Number.MAX_SAFE_INTEGER, 1)).to.equal(true)
    for (const nonsense of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', null, undefined, 1n]) {
      expect(isStamp(nonsense, 1), String(nonsense)).to.equal(false)
      expect(isStamp(1, nonsense), String(nonsense)).to.equal(false)
    }
  })
})

import { expect } from 'chai'
import fc from 'fast-check'
import { divideSeconds } from '../../src/shepherd/usage/divide.ts'

describe('CPU time that is known as a sum', () => {
  it('is all of the one that ended alone, whatever was known of it before', () => {
    expect(divideSeconds(7, [{ knownSeconds: 5, unseenMs: 100 }])).to.deep.equal([7])
    expect(divideSeconds(7, [{ knownSeconds: 0, unseenMs: 0 }])).to.deep.equal([7])
  })

  it('goes to those that it is known of, and the rest to those that had time for it', () => {
    const ended = [{ knownSeconds: 3600, unseenMs: 1500 }, { knownSeconds: 0, unseenMs: 500 }]
    expect(divideSeconds(3602, ended)).to.deep.equal([3601.5, 0.5])
  })

  it('never takes away what is known', () => {
    expect(divideSeconds(1, [{ knownSeconds: 2, unseenMs: 10 }])).to.deep.equal([2])
  })

  it('is given out to the last of it', () => {
    const ended = fc.array(fc.record({ knownSeconds: fc.nat(1000), unseenMs: fc.nat(5000) }), { minLength: 1 })
    fc.assert(fc.property(fc.nat(1_000_000), ended, (seconds, each) => {
      const shares = divideSeconds(seconds, each)
      const sum = shares.reduce((total, share) => total + share, 0)
      const known = each.reduce((total, { knownSeconds }) => total + knownSeconds, 0)
      expect(sum).to.be.closeTo(Math.max(seconds, known), 1e-6)
      for (const [i, share] of shares.entries()) expect(share).to.be.at.least(each[i]?.knownSeconds as number)
    }))
  })
})

import { expect } from 'chai'
import { SelfDoubt } from '../../../../src/kernel/resources/detection/self-doubt.ts'

describe('self-doubt', () => {
  it('grows with what speaks against the node, to nine times the patience', () => {
    const doubt = new SelfDoubt()
    expect(doubt.factor).to.equal(1)
    doubt.grow()
    doubt.grow()
    expect(doubt.factor).to.equal(3)
    for (let i = 0; i < 20; i++) doubt.grow()
    expect(doubt.factor).to.equal(9)
  })

  it('shrinks with each answer, to none', () => {
    const doubt = new SelfDoubt()
    doubt.grow()
    doubt.grow()
    doubt.shrink()
    expect(doubt.factor).to.equal(2)
    for (let i = 0; i < 5; i++) doubt.shrink()
    expect(doubt.factor).to.equal(1)
    doubt.grow()
    expect(doubt.factor).to.equal(2)
  })
})

import { expect } from 'chai'
import { fuzzOne } from './kit/fuzz.ts'

const COUNT = 8

describe('modules drawn by chance', function () {
  this.timeout(60_000)

  it('do the same whether and wherever they are suspended', () => {
    let hops = 0
    for (let seed = 1; seed <= COUNT; seed++) hops += fuzzOne(seed)
    expect(hops).to.be.above(10 * COUNT)
  })
})

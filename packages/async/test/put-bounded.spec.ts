import { expect } from 'chai'
import { putBounded } from '../src/index.ts'

describe('putBounded', () => {
  it('lets go of the oldest when the map is full', () => {
    const map = new Map<string, number>()
    for (const [at, key] of ['a', 'b', 'c'].entries()) putBounded(map, key, at, 2)
    expect([...map]).to.deep.equal([['b', 1], ['c', 2]])
  })
})

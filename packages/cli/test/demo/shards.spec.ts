import { expect } from 'chai'
import fc from 'fast-check'
import { splitIntoShards } from '../../src/demo/shards.ts'

const file = (path: string, sizeBytes: number) => ({ path, sizeBytes, modifiedMs: 0 })
const weight = (files: ReadonlyArray<{ sizeBytes: number }>) => {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes + 16 * 1024, 0)
}

describe('shards', () => {
  it('are none for no files, and no more than there are files', () => {
    expect(splitIntoShards([], 20)).to.deep.equal([])
    expect(splitIntoShards([file('a', 1), file('b', 0)], 20)).to.have.length(2)
  })

  it('hold every file once, none is empty, and none weighs more than another by more than its largest file', () => {
    const sizes = fc.array(fc.nat(10_000_000), { minLength: 1, maxLength: 200 })
    fc.assert(fc.property(sizes, fc.integer({ min: 1, max: 20 }), (given, count) => {
      const files = given.map((size, at) => file(String(at), size))
      const shards = splitIntoShards(files, count)
      expect(shards.flat().map(({ path }) => path)).to.have.members(files.map(({ path }) => path))
      expect(shards.every(shard => shard.length > 0)).to.equal(true)
      const weights = shards.map(weight)
      expect(Math.max(...weights) - Math.min(...weights)).to.be.at.most(Math.max(...given) + 16 * 1024)
    }))
  })
})

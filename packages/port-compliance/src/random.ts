import { expect } from 'chai'
import type { Random } from '@welkin/interface'
import { factsIn, type Setup } from './world.ts'

export function randomCompliance (setup: Setup<{ random: Random }>): void {
  describe('as a Random', () => {
    const fact = factsIn(setup)
    const draws = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.unit())

    fact('draws from [0, 1), spread evenly', async ({ random }) => {
      const tenths = Array.from({ length: 10 }, () => 0)
      for (const value of draws(random, 10_000)) {
        expect(value).to.be.within(0, 1)
        expect(value).to.not.equal(1)
        const tenth = Math.floor(value * 10)
        tenths[tenth] = (tenths[tenth] as number) + 1
      }
      // 1000 each is expected; 10 standard deviations are 300.
      for (const count of tenths) expect(count).to.be.within(700, 1300)
    })

    fact('gives as many bytes as asked, of all values', async ({ random }) => {
      for (const size of [0, 1, 3, 16, 33]) expect(random.bytes(size).byteLength).to.equal(size)
      expect(new Set(random.bytes(10_000)).size).to.equal(256)
    })

    fact('does not repeat itself', async ({ random }) => {
      expect(random.bytes(16)).to.not.deep.equal(random.bytes(16))
      expect(new Set(draws(random, 1000)).size).to.equal(1000)
    })

    fact('forks streams that differ by purpose and from their origin', async ({ random }) => {
      const streams = [random.fork('one'), random.fork('two'), random]
      expect(new Set(streams.map(stream => draws(stream, 4).join())).size).to.equal(3)
    })
  })
}

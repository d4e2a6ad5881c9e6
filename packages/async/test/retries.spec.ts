import { expect } from 'chai'
import { Retries } from '../src/index.ts'
import { FakeClock } from './fake-clock.ts'

describe('retries', () => {
  const clock = new FakeClock()
  let tries: string[]
  let works: string[]
  let retries: Retries<string>

  beforeEach(() => {
    tries = []
    works = []
    retries = new Retries<string>({
      clock,
      random: { unit: () => 1 } as never,
      backOff: { firstMs: 10, maxMs: 40, factor: 2 },
      retry: async key => {
        tries.push(key)
        return works.includes(key)
      }
    })
  })

  it('come less and less often, until it works', async () => {
    retries.begin('a')
    retries.begin('a')
    await clock.pass(110)
    expect(tries).to.deep.equal(['a', 'a', 'a', 'a']) // after 10, 20, 40 and 40
    works = ['a']
    await clock.pass(200)
    expect(tries).to.have.lengthOf(5)
    expect(retries.has('a')).to.equal(false)
    expect(clock.pending).to.equal(0)
  })

  it('end when they are ended, each by itself or all', async () => {
    for (const key of ['a', 'b', 'c']) retries.begin(key)
    retries.end('a')
    await clock.pass(10)
    expect(tries).to.deep.equal(['b', 'c'])
    retries.stop()
    await clock.pass(100)
    expect(tries).to.have.lengthOf(2)
    expect(clock.pending).to.equal(0)
  })
})

import { expect } from 'chai'
import fc from 'fast-check'
import { EarlierReadings, type Reading } from '../src/index.ts'

const SPAN_MS = 1000
const readingAt = (atMs: number): Reading<number> => ({ atMs, values: atMs })

describe('earlier readings', () => {
  it('begin with the first, which serves until one is old enough', () => {
    const readings = new EarlierReadings(SPAN_MS, readingAt(0))
    const compared = [0, 400, 1500, 2600].map(atMs => readings.before(readingAt(atMs)).atMs)
    expect(compared).to.deep.equal([0, 0, 0, 1500])
  })

  it('are not used up by a second reader who comes just after the first', () => {
    const readings = new EarlierReadings(SPAN_MS, readingAt(0))
    const compared = [10_000, 10_001, 10_050, 20_000].map(atMs => readings.before(readingAt(atMs)).atMs)
    expect(compared).to.deep.equal([0, 0, 0, 10_000])
  })

  it('are at least the span old and at most twice that or a pause, whoever reads and whenever', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1 }), pauses => {
      const readings = new EarlierReadings(SPAN_MS, readingAt(0))
      const longestMs = Math.max(...pauses)
      let atMs = 0
      for (const pauseMs of pauses) {
        atMs += pauseMs
        const elapsedMs = atMs - readings.before(readingAt(atMs)).atMs
        expect(elapsedMs).to.be.at.least(Math.min(atMs, SPAN_MS)).and.at.most(2 * SPAN_MS + longestMs)
      }
    }))
  })
})

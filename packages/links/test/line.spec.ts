import { expect } from 'chai'
import fc from 'fast-check'
import { createVirtualRandom } from '@welkin/platform-virtual'
import { drawTransitMs, IDEAL, Line, type LinkQuality } from '../src/index.ts'

const STEADY: LinkQuality = { latencyMs: 10, jitterMs: 0, bytesPerSecond: 1e6, lossRatio: 0 }

describe('A line', () => {
  it('takes the latency, and before it the time that the bandwidth asks for', () => {
    expect(new Line().arrivalMs(5, 1000, STEADY, createVirtualRandom(1))).to.equal(5 + 1 + 10)
  })

  it('lets packets wait for those before them', () => {
    const line = new Line()
    const arrivals = [0, 0, 0, 100].map(nowMs => line.arrivalMs(nowMs, 1000, STEADY, createVirtualRandom(1)))
    expect(arrivals).to.deep.equal([11, 12, 13, 111])
  })

  it('adds nothing where the link is ideal', () => {
    expect(new Line().arrivalMs(7, 1e9, IDEAL, createVirtualRandom(1))).to.equal(7)
  })

  it('never lets one packet overtake another, whatever the link does meanwhile', () => {
    const quality = fc.record({
      latencyMs: fc.double({ min: 0, max: 500, noNaN: true }),
      jitterMs: fc.double({ min: 0, max: 500, noNaN: true }),
      bytesPerSecond: fc.integer({ min: 1000, max: 1e9 }),
      lossRatio: fc.double({ min: 0, max: 0.5, noNaN: true })
    })
    const packet = fc.record({ pauseMs: fc.nat(50), sizeBytes: fc.nat(65_536), quality })
    fc.assert(fc.property(fc.array(packet), fc.nat(), (packets, seed) => {
      const line = new Line()
      const random = createVirtualRandom(seed)
      let nowMs = 0
      let beforeMs = 0
      for (const { pauseMs, sizeBytes, quality: link } of packets) {
        nowMs += pauseMs
        const arrivalMs = line.arrivalMs(nowMs, sizeBytes, link, random)
        expect(arrivalMs).to.be.at.least(beforeMs).and.at.least(nowMs + link.latencyMs)
        beforeMs = arrivalMs
      }
    }))
  })
})

describe('A packet on its way', () => {
  it('takes the latency and up to the jitter more', () => {
    const random = createVirtualRandom(1)
    const draws = Array.from({ length: 1000 }, () => drawTransitMs({ ...STEADY, jitterMs: 4 }, random))
    expect(Math.min(...draws)).to.be.within(10, 10.1)
    expect(Math.max(...draws)).to.be.within(13.9, 14)
  })

  it('is sent again when it is lost, after at least 200 ms, and later each time', () => {
    const random = createVirtualRandom(1)
    const draws = Array.from({ length: 1000 }, () => drawTransitMs({ ...STEADY, lossRatio: 0.5 }, random))
    const waits = [...new Set(draws)].toSorted((a, b) => a - b)
    expect(waits.slice(0, 4)).to.deep.equal([10, 210, 610, 1410])
    expect(draws.filter(draw => draw > 10).length).to.be.within(450, 550)
  })

  it('waits for two round trips to be sure of a loss where they take longer', () => {
    const draws = new Set<number>()
    const random = createVirtualRandom(1)
    while (draws.size < 2) draws.add(drawTransitMs({ ...STEADY, latencyMs: 300, lossRatio: 0.5 }, random))
    expect(draws).to.include(300)
    expect([...draws].every(draw => (draw - 300) % 600 === 0)).to.equal(true)
  })
})

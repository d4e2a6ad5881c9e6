import { expect } from 'chai'
import fc from 'fast-check'
import { generateLinks, type LinksBetween } from '../src/index.ts'

/** Nodes go by their zones here. */
const zoneOf = (node: string): string => node

const SITES = Array.from({ length: 30 }, (_none, at) => `acme/s${at}/r1`)

const pairs = SITES.flatMap(from => SITES.filter(to => to !== from).map(to => [from, to] as const))

describe('Generated links', () => {
  it('are the same for the same seed, whoever asks first, and others for another', () => {
    const latencies = (links: LinksBetween, asked: typeof pairs): number[] =>
      asked.map(([from, to]) => links(from, to).latencyMs)
    const forth = latencies(generateLinks({ zoneOf, seed: 'one' }), pairs)
    const back = latencies(generateLinks({ zoneOf, seed: 'one' }), pairs.toReversed())
    expect(back.toReversed()).to.deep.equal(forth)
    expect(latencies(generateLinks({ zoneOf, seed: 'two' }), pairs)).to.not.deep.equal(forth)
  })

  it('take 10 to 120 ms one way between sites, at any time', () => {
    fc.assert(fc.property(fc.string(), fc.integer({ min: 0, max: 1e9 }), (seed, nowMs) => {
      const links = generateLinks({ zoneOf, seed, nowMs: () => nowMs })
      for (const [from, to] of pairs.slice(0, 60)) expect(links(from, to).latencyMs).to.be.within(10, 120)
    }))
  })

  it('spread over that range', () => {
    const links = generateLinks({ zoneOf })
    const latencies = pairs.map(([from, to]) => links(from, to).latencyMs).toSorted((a, b) => a - b)
    expect(latencies[Math.floor(latencies.length * 0.1)]).to.be.below(40)
    expect(latencies[Math.floor(latencies.length * 0.9)]).to.be.above(80)
  })

  it('take half a millisecond at most within a site, and less in a rack', () => {
    const links = generateLinks({ zoneOf })
    const [rack, site] = [links('acme/s1/r1', 'acme/s1/r1'), links('acme/s1/r1', 'acme/s1/r2')]
    expect([rack.latencyMs, site.latencyMs]).to.deep.equal([0.1, 0.3])
    expect(site.latencyMs + site.jitterMs).to.be.at.most(0.5)
  })

  it('differ there and back', () => {
    const links = generateLinks({ zoneOf })
    const skews = pairs.map(([from, to]) => links(from, to).latencyMs / links(to, from).latencyMs)
    expect(Math.max(...skews)).to.be.within(1.05, 1.25)
  })

  it('are now and then slower than a way over a third site', () => {
    const links = generateLinks({ zoneOf })
    const roundTripMs = (a: string, b: string): number => links(a, b).latencyMs + links(b, a).latencyMs
    const isBeaten = ([from, to]: readonly [string, string]): boolean => SITES.some(over =>
      over !== from && over !== to && roundTripMs(from, over) + roundTripMs(over, to) < roundTripMs(from, to))
    expect(pairs.filter(isBeaten).length / pairs.length).to.be.within(0.02, 0.4)
  })

  it('are shorter within a continent than between two', () => {
    const continentOf = (site: string): string => Number(site.slice('acme/s'.length)) % 2 === 0 ? 'europe' : 'oceania'
    const links = generateLinks({ zoneOf, continentOf })
    const latencies = (isSame: boolean): number[] => pairs
      .filter(([from, to]) => (continentOf(from.slice(0, -3)) === continentOf(to.slice(0, -3))) === isSame)
      .map(([from, to]) => links(from, to).latencyMs)
    expect(Math.max(...latencies(true))).to.be.below(Math.min(...latencies(false)))
  })

  it('drift slowly when there is a time', () => {
    let nowMs = 0
    const still = generateLinks({ zoneOf })
    const links = generateLinks({ zoneOf, nowMs: () => nowMs })
    const [from, to] = ['acme/s1/r1', 'acme/s2/r1']
    const meanMs = still(from, to).latencyMs
    let beforeMs = links(from, to).latencyMs
    const seen = Array.from({ length: 1200 }, () => {
      nowMs += 1000
      const latencyMs = links(from, to).latencyMs
      expect(latencyMs).to.be.closeTo(beforeMs, meanMs * 0.003)
      beforeMs = latencyMs
      return latencyMs
    })
    expect(Math.max(...seen) / meanMs).to.be.closeTo(1.1, 0.01)
    expect(Math.min(...seen) / meanMs).to.be.closeTo(0.9, 0.01)
  })

  it('need a continent that is on the map', () => {
    const links = generateLinks({ zoneOf, continentOf: () => 'atlantis' })
    expect(() => links('acme/s1/r1', 'acme/s2/r1')).to.throw(RangeError, 'acme/s1')
  })
})

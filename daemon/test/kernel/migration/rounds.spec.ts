import { expect } from 'chai'
import { afterRounds, expectedCost, type Round } from '../../../src/kernel/migration/rounds.ts'

const MEGA = 1e6
const patience = { roundsMax: 5, downMsMax: 300, giveUp: false }
/** At 100 bytes a microsecond. */
const round = (bytes: number): Round => ({ bytes, ms: bytes / 1e5 })

describe('rounds of copying', () => {
  it('are gone on with as long as each leaves less than half, though the rest would be short enough', () => {
    const rounds = [round(256 * MEGA)]
    expect(afterRounds(rounds, 7 * MEGA, patience)).to.equal('again')
    rounds.push(round(7 * MEGA))
    expect(afterRounds(rounds, 4 * MEGA, patience)).to.equal('stop')
  })

  it('end when the rest is next to nothing', () => {
    expect(afterRounds([round(10 * MEGA)], 0, patience)).to.equal('stop')
    expect(afterRounds([round(10 * MEGA)], MEGA / 10, patience)).to.equal('stop')
  })

  it('end when there were enough, or the last made no headway, and then it is stopped or given up', () => {
    const many = Array.from({ length: 5 }, (_none, at) => round(2000 * MEGA / 2 ** at))
    const futile = [round(2000 * MEGA), round(1000 * MEGA)]
    for (const rounds of [many, futile]) {
      expect(afterRounds(rounds, 950 * MEGA, patience)).to.equal('stop')
      expect(afterRounds(rounds, 950 * MEGA, { ...patience, giveUp: true })).to.equal('give up')
    }
    expect(afterRounds(futile, 800 * MEGA, patience)).to.equal('again')
  })

  it('are not given up where the rest is short', () => {
    const many = Array.from({ length: 5 }, (_none, at) => round(100 * MEGA / 2 ** at))
    expect(afterRounds(many, MEGA, { ...patience, giveUp: true })).to.equal('stop')
  })

  it('are foreseen by what is written meanwhile, where the way is known', () => {
    const way = { bandwidthBytesPerSecond: 100 * MEGA, rttMs: 1 }
    const still = expectedCost({ bytes: 100 * MEGA, dirtyBytesPerSecond: 0 }, way, patience)
    expect(still).to.deep.equal({ totalMs: 1008, downMs: 2 })
    const busy = expectedCost({ bytes: 100 * MEGA, dirtyBytesPerSecond: MEGA }, way, patience)
    expect(busy?.downMs).to.be.within(2, 4)
    const furious = expectedCost({ bytes: 100 * MEGA, dirtyBytesPerSecond: 1e12 }, way, patience)
    expect(furious?.downMs).to.equal(1002)
    expect(expectedCost({ bytes: 1, dirtyBytesPerSecond: 0 }, {}, patience)).to.equal(undefined)
  })
})

import { expect } from 'chai'
import {
  afterLoss, NO_LOSSES, probationMs, type Losses
} from '../../../../src/kernel/resources/detection/flap-damping.ts'

const MINUTE_MS = 60_000

/** After losses at these minutes. */
const lostAt = (...minutes: number[]): Losses =>
  minutes.reduce<Losses>((losses, minute) => afterLoss(losses, minute * MINUTE_MS), NO_LOSSES)

describe('the probation of a node that was lost', () => {
  it('is none for a reboot and one more', () => {
    expect(probationMs(NO_LOSSES)).to.equal(0)
    expect(probationMs(lostAt(0))).to.equal(0)
    expect(probationMs(lostAt(0, 1))).to.equal(0)
  })

  it('doubles with each further loss in a row, to five minutes', () => {
    expect([3, 4, 5, 6, 7, 8, 20].map(count => probationMs(lostAt(...Array.from({ length: count }, (_, i) => i)))))
      .to.deep.equal([15_000, 30_000, 60_000, 120_000, 240_000, 300_000, 300_000])
  })

  it('is none again for one that was not lost for ten minutes', () => {
    expect(probationMs(lostAt(0, 1, 2, 3, 12.9))).to.equal(60_000)
    expect(probationMs(lostAt(0, 1, 2, 3, 13))).to.equal(0)
    expect(lostAt(0, 1, 2, 3, 13).count).to.equal(1)
  })
})

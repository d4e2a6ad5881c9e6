import { expect } from 'chai'
import { describeCost } from '../../src/object/moves.ts'

const COST = {
  id: 'ab'.repeat(16), from: 'id-n1', to: 'id-n2', bytes: 48 << 20, dirtyBytesPerSecond: 1 << 20,
  bandwidthBytesPerSecond: 100 << 20, rttMs: 1
}

describe('what a move would cost', () => {
  it('is told with the time that it takes, where that is foretold', () => {
    const text = describeCost({ ...COST, manner: 'live', totalMs: 1500, downMs: 20 }, node => node.slice(3))
    expect(text).to.match(/^abababababab n1 -> n2: 48.* written at .*; about .*, of which it stands still for 20/)
  })

  it('does not take the memory of a program for its state, which shows when it is asked', () => {
    const text = describeCost({ ...COST, manner: 'stop', dirtyBytesPerSecond: 0 }, node => node.slice(3))
    expect(text).to.match(/shows when it is asked for it \(its memory: 48/).and.to.not.match(/written at|about/)
  })
})

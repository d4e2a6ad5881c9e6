import { expect } from 'chai'
import { KEPT_MAX } from '../../../src/kernel/events/event-log.ts'
import { SeenEvents } from '../../../src/kernel/events/seen-events.ts'

const event = (sequence: number, atMs: number) => ({ sequence, atMs, type: 'nodeStarted', node: 'n1', fields: {} })

describe('the events of a node that were seen', () => {
  it('are known when the node tells them again', () => {
    const seen = new SeenEvents()
    expect([1, 2, 3].map(sequence => seen.see(event(sequence, 10)))).to.deep.equal([true, true, true])
    expect([2, 3, 4].map(sequence => seen.see(event(sequence, 10)))).to.deep.equal([false, false, true])
  })

  it('are not taken for those of another life', () => {
    const seen = new SeenEvents()
    for (const sequence of [1, 2, 3]) seen.see(event(sequence, 10))
    expect([1, 2].map(sequence => seen.see(event(sequence, 20)))).to.deep.equal([true, true])
    expect([1, 2].map(sequence => seen.see(event(sequence, 20)))).to.deep.equal([false, false])
  })

  it('are kept for as long as the node can tell them again', () => {
    const seen = new SeenEvents()
    for (let sequence = 1; sequence <= KEPT_MAX + 1; sequence++) seen.see(event(sequence, 10))
    expect(seen.see(event(2, 10))).to.equal(false)
    expect(seen.see(event(1, 10))).to.equal(true)
  })
})

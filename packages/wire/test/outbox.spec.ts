import { expect } from 'chai'
import { Outbox } from '../src/outbox.ts'
import { HandPipe } from './kit.ts'

describe('the outbox', () => {
  it('joins the small frames of one tick in one chunk', () => {
    const pipe = new HandPipe()
    const deferred: Array<() => void> = []
    const outbox = new Outbox(pipe, run => deferred.push(run))
    for (let id = 1; id <= 5; id++) outbox.put(2, id, new Uint8Array(100))
    expect(pipe.written).to.have.length(0)
    expect(deferred).to.have.length(1)
    deferred[0]?.()
    expect(pipe.written.map(chunk => chunk.byteLength)).to.deep.equal([5 * 109])
  })

  it('writes once a tick, however much was put', () => {
    const pipe = new HandPipe()
    const deferred: Array<() => void> = []
    let writes = 0
    pipe.write = () => { writes++; return true }
    const outbox = new Outbox(pipe, run => deferred.push(run))
    for (let id = 1; id <= 500; id++) outbox.put(2, id, new Uint8Array(1000))
    for (const run of deferred.splice(0)) run()
    expect(writes).to.equal(1)
  })

  it('hands long payloads over as they are', () => {
    const pipe = new HandPipe()
    const payload = new Uint8Array(100_000)
    let seen: readonly Uint8Array[] = []
    pipe.write = chunks => { seen = chunks; return true }
    const outbox = new Outbox(pipe, () => {})
    outbox.put(2, 1, payload)
    outbox.flush()
    expect(seen[1]).to.equal(payload)
  })

  it('lets those who wait in by their turn, and no more than there is room for', () => {
    const pipe = new HandPipe()
    const outbox = new Outbox(pipe, () => {})
    const order: string[] = []
    pipe.full = true
    outbox.put(2, 1, new Uint8Array(10))
    outbox.flush()
    expect(outbox.full).to.equal(true)
    outbox.whenRoom(() => { order.push('first'); outbox.put(2, 2, new Uint8Array(300_000)) })
    outbox.whenRoom(() => order.push('second'))
    pipe.full = false
    outbox.drained()
    expect(order).to.deep.equal(['first'])
    outbox.drained()
    expect(order).to.deep.equal(['first', 'second'])
  })
})

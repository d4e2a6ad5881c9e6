import { concatBytes } from '@welkin/async'
import { expect } from 'chai'
import fc from 'fast-check'
import { Wire } from '../src/index.ts'
import {
  deferred, ECHO, HandPipe, read, rejection, requests, TestClock, TestLog, TestLoop, text, world
} from './kit.ts'

const HELLO = Uint8Array.of(0, 0, 0, 11, 1, 0, 0, 0, 0, 0, 1, 0, 0x40, 0, 0)

function frame (kind: number, id: number, ...payload: number[]): Uint8Array {
  return Uint8Array.of(0, 0, 0, 5 + payload.length, kind, 0, 0, 0, id, ...payload)
}

function victim (limits = {}, handler = ECHO): { pipe: HandPipe, wire: Wire, log: TestLog, loop: TestLoop } {
  const pipe = new HandPipe()
  const log = new TestLog()
  const loop = new TestLoop()
  const clock = new TestClock()
  const wire = new Wire({ pipe, clock, log, defer: loop.defer, handler, limits, about: { peer: 'n7' } })
  return { pipe, wire, log, loop }
}

describe('a wire', () => {
  const malformed: Record<string, Uint8Array[]> = {
    'anything before hello': [frame(2, 1, 0, 0, 0, 0)],
    'a hello without a version': [frame(1, 0, 0)],
    'a hello of another version': [frame(1, 0, 0, 2, 0, 0x40, 0, 0)],
    'a second hello': [HELLO, HELLO],
    'an unknown kind': [HELLO, frame(99, 1)],
    'a request marked as an answer': [HELLO, frame(0x82, 1, 0, 0, 0, 0)],
    'a reply not marked as an answer': [HELLO, frame(3, 1)],
    'a request without its fixed part': [HELLO, frame(2, 1, 0, 0)],
    'an opening without its fixed part': [HELLO, frame(6, 1, 0, 0, 0, 0)],
    'an id that is in use': [HELLO, frame(6, 1, 0, 0, 0, 0, 0, 0, 1, 0), frame(2, 1, 0, 0, 0, 0)],
    'credit of the wrong length': [HELLO, frame(10, 1, 0)],
    'a length that cannot be': [HELLO, Uint8Array.of(255, 255, 255, 255, 2, 0, 0, 0, 1)],
    'more than was granted': [HELLO, frame(6, 1, 0, 0, 0, 0, 0, 0, 0, 0), ...[1, 2, 3].map(n => frame(7, 1, n))]
  }
  for (const [what, chunks] of Object.entries(malformed)) {
    it(`is closed by ${what}, with the reason in the log`, async () => {
      const { pipe, wire, log } = victim({ windowBytes: 100 })
      const pending = rejection(wire.request(text('x')))
      for (const chunk of chunks) pipe.events.received(chunk)
      expect(await pending).to.include({ code: 'EPROTO' })
      expect(await wire.closed).to.include({ code: 'EPROTO' })
      expect(pipe.closed).to.equal(true)
      expect(log.events).to.have.length(1)
      expect(log.events[0]).to.deep.include({ level: 'warn', event: 'wire.connection_refused' })
      expect(log.events[0]?.fields).to.include({ peer: 'n7', code: 'EPROTO' })
    })
  }

  it('says which versions do not fit', async () => {
    const { pipe, wire } = victim()
    pipe.events.received(frame(1, 0, 0, 9, 0, 0, 1, 0))
    expect((await rejection(wire.ready)).message).to.match(/version 9 .* version 1/)
  })

  it('ignores frames about calls that it does not know', async () => {
    const { pipe, wire, log } = victim()
    pipe.events.received(concatBytes([
      HELLO, frame(0x83, 9), frame(0x84, 9, 1), frame(4, 9), frame(5, 9), frame(7, 9, 1), frame(0x87, 9, 1),
      frame(8, 9), frame(9, 9), frame(0x8a, 9, 0, 0, 0, 1)
    ]))
    await wire.ready
    expect(wire.ended).to.equal(false)
    expect(log.events).to.deep.equal([])
  })

  it('reads an error that is not one as EPROTO of that call alone', async () => {
    const { pipe, wire, loop } = victim()
    pipe.events.received(HELLO)
    const answer = rejection(wire.request(text('x')))
    await loop.idle()
    pipe.events.received(frame(0x84, 1, 0xc1, 0xff, 0x00))
    expect(await answer).to.include({ code: 'EPROTO' })
    expect(wire.ended).to.equal(false)
  })

  it('ends when the other end asks without reading', async () => {
    const { pipe, wire, loop } = victim({ backlogBytesMax: 2000, requestsMax: 1 })
    pipe.full = true
    pipe.events.received(HELLO)
    await loop.idle()
    for (let id = 1; id < 200 && !wire.ended; id++) pipe.events.received(frame(2, id, 0, 0, 0, 0))
    expect(await wire.closed).to.include({ code: 'EPROTO' })
  })

  it('lets an end that reads again have its long answers, one after the other', async () => {
    const gate = deferred()
    const answer = requests(async () => { await gate.promise; return new Uint8Array(300_000) })
    const { pipe, wire, loop } = victim({ backlogBytesMax: 1_000_000 }, answer)
    pipe.events.received(HELLO)
    pipe.full = true
    await loop.idle()
    for (let id = 1; id <= 10; id++) pipe.events.received(frame(2, id, 0, 0, 0, 0))
    gate.resolve()
    await loop.idle()
    pipe.full = false
    pipe.events.drained()
    pipe.events.received(frame(5, 99)) // a frame that changes nothing, while the answers are on their way
    await loop.idle()
    expect(wire.ended).to.equal(false)
    expect(concatBytes(pipe.written).byteLength).to.be.greaterThan(3_000_000)
  })

  it('makes no more answers than its limit for an end that does not read', async () => {
    const { pipe, loop } = victim({ requestsMax: 3 })
    pipe.events.received(HELLO)
    pipe.full = true
    await loop.idle()
    const before = pipe.written.length
    for (let id = 1; id <= 3; id++) pipe.events.received(frame(2, id, 0, 0, 0, 0, id))
    await loop.idle()
    expect(pipe.written).to.have.length(before)
    pipe.full = false
    pipe.events.drained()
    await loop.idle()
    const replies = concatBytes(pipe.written.slice(before))
    expect(replies).to.deep.equal(concatBytes([frame(0x83, 1, 1), frame(0x83, 2, 2), frame(0x83, 3, 3)]))
  })

  it('never throws and harms no other wire, whatever bytes come', async () => {
    const other = world({ right: ECHO })
    const nonsense = fc.uint8Array({ maxLength: 60 })
    const wellFramed = fc.tuple(fc.nat(15), fc.constantFrom(0, 0x80), fc.nat(3), fc.uint8Array({ maxLength: 20 }))
      .map(([kind, side, id, payload]) => frame(kind | side, id, ...payload))
    const chunkLists = fc.array(fc.oneof(nonsense, wellFramed), { maxLength: 30 })
    await fc.assert(fc.asyncProperty(fc.boolean(), chunkLists, async (greets, chunks) => {
      const { pipe, wire, loop, log } = victim()
      if (greets) pipe.events.received(HELLO)
      const pending = wire.request(text('x')).then(() => 'answered', (error: { code: string }) => error.code)
      for (const chunk of chunks) pipe.events.received(chunk)
      await loop.idle()
      pipe.events.ended()
      expect(await pending).to.be.a('string')
      expect(wire.ended).to.equal(true)
      expect(log.events.filter(({ level }) => level === 'error')).to.deep.equal([])
      expect(read(await other.left.request(text('still here')))).to.equal('still here')
    }), { numRuns: 150 })
  })
})

import { expect } from 'chai'
import { AnswerCache, asReplyTo, keyOf } from '../../../src/gateway/dns/answer-cache.ts'
import { bareAnswer, composeReply } from '../../../src/gateway/dns/reply.ts'
import { ask, query, tell } from './kit.ts'

const replyTo = (name: string, rcode = 0): Buffer => composeReply(query(name), bareAnswer(rcode), 512)

describe('replies that are kept', () => {
  it('are found by the same question, whatever its id and spelling', () => {
    const key = keyOf(ask('web.acme.welkin', { id: 1 }))
    expect(keyOf(ask('WEB.acme.Welkin', { id: 2 }))).to.equal(key)
    for (const other of [
      ask('web.acme.welkin', { type: 'AAAA' }), ask('web.acme.welkin', { flags: 0x100 }), ask('web.acme.welkim'),
      ask('web.acme.welkin', { edns: 0x241 })
    ]) expect(keyOf(other)).to.not.equal(key)
    expect(keyOf(ask('web.acme.welkin', { edns: 0x241 }))).to.not.equal(keyOf(ask('web.acme.welkin', { edns: 0x261 })))
  })

  it('are given with the id and the spelling of who asks, and the one that is kept stays as it is', () => {
    const cache = new AnswerCache(9)
    const kept = replyTo('web.acme.welkin')
    cache.put('key', kept, 10)
    const reply = cache.get('key', ask('Web.ACME.welkin', { id: 99 }), 9) as Buffer
    expect(tell(reply)).to.deep.include({ id: 99, questions: ['Web.ACME.welkin A'] })
    expect(tell(kept)).to.deep.include({ id: 7, questions: ['web.acme.welkin A'] })
    expect(cache.get('key', ask('web.acme.welkin'), 10)).to.equal(undefined)
  })

  it('are bounded, and go all at once when names change', () => {
    const cache = new AnswerCache(2)
    for (const key of ['a', 'b', 'c']) cache.put(key, replyTo('web.acme.welkin'), 10)
    const found = (): boolean[] => ['a', 'b', 'c'].map(key => cache.get(key, ask('web.acme.welkin'), 0) !== undefined)
    expect(found()).to.deep.equal([false, true, true])
    cache.clear()
    expect(found()).to.deep.equal([false, false, false])
  })

  it('that have no question are given as they are', () => {
    const bad = Buffer.from(ask('web.acme.welkin').subarray(0, 20))
    const reply = Buffer.from('0007800100000000000000000000', 'hex').subarray(0, 12)
    expect(asReplyTo(bad, reply).length).to.equal(12)
    expect(keyOf(bad)).to.equal(keyOf(Buffer.from(bad)))
  })
})

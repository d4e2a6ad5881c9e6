import { expect } from 'chai'
import { framed, Framing } from '../../../src/gateway/dns/framing.ts'

describe('messages in a stream', () => {
  it('are the same however the stream is cut', () => {
    const messages = ['one', '', 'a longer one', 'x'].map(text => Buffer.from(text))
    const stream = Buffer.concat(messages.map(framed))
    for (let size = 1; size <= stream.length; size++) {
      const framing = new Framing()
      const taken: Buffer[] = []
      for (let at = 0; at < stream.length; at += size) taken.push(...framing.take(stream.subarray(at, at + size)))
      expect(taken.map(String), String(size)).to.deep.equal(messages.map(String))
    }
  })
})

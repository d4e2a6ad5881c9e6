import { expect } from 'chai'
import fc from 'fast-check'
import { z } from 'zod'
import { bytes } from '../src/schemas.ts'
import {
  decode, decodeCall, decodeItem, encode, encodeCall, encodeItem, fromJson, toJson, type Call
} from '../src/index.ts'

describe('a call on its way', () => {
  const call: Call = {
    name: 'stat',
    args: { id: 'x' },
    requestId: '0'.repeat(32),
    node: undefined,
    hops: 2,
    chain: [Uint8Array.of(1, 2)]
  }

  it('arrives as it was sent', () => {
    expect(decodeCall(encodeCall(call))).to.deep.equal(call)
    expect(decodeCall(encodeCall({ ...call, node: 'n1' }))).to.deep.equal({ ...call, node: 'n1' })
  })

  it('is refused with EPROTO when any part is of another kind', () => {
    const good = ['stat', {}, '0'.repeat(32), null, 0, []]
    const wrong = [7, undefined, 'short', 7, -1, 'chain']
    for (const index of [0, 2, 3, 4, 5]) {
      const sent = encode(good.with(index, wrong[index] as never))
      expect(() => decodeCall(sent), `part ${index}`).to.throw().with.property('code', 'EPROTO')
    }
    expect(() => decodeCall(encode([]))).to.throw().with.property('code', 'EPROTO')
  })

  it('is refused with EPROTO, never a crash, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), junk => {
      try {
        decodeCall(junk)
      } catch (error) {
        expect(error).to.have.property('code', 'EPROTO')
      }
    }), { numRuns: 2000 })
  })
})

describe('items', () => {
  it('of bytes go as they are, others as msgpack', () => {
    const raw = Uint8Array.of(1, 2, 3)
    expect(encodeItem(bytes, raw)).to.equal(raw)
    expect(decodeItem(bytes, raw)).to.equal(raw)
    expect(decodeItem(undefined, encodeItem(undefined, { a: 1 }))).to.deep.equal({ a: 1 })
  })

  it('leave out what is undefined', () => {
    expect(decode(encode({ a: undefined, b: 1 }))).to.deep.equal({ b: 1 })
  })

  it('hold bytes as base64 in JSON, whatever their length', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 20_000 }), value => {
      const { deep: [text] } = toJson({ deep: [value] }) as { deep: [string] }
      expect(Buffer.from(text, 'base64').equals(value)).to.equal(true)
      const schema = z.strictObject({ deep: z.array(bytes.describe('Some').optional()).default([]), id: z.string() })
      expect(fromJson(schema, { deep: [text], id: text })).to.deep.equal({ deep: [Uint8Array.from(value)], id: text })
    }))
  })

  it('leave to the check what is no base64, and what no schema has', () => {
    const schema = z.strictObject({ body: bytes })
    for (const odd of [{ body: '*' }, { body: 1 }, { other: 'aGk=' }, [], null, 'x']) {
      expect(fromJson(schema, odd)).to.deep.equal(odd)
    }
  })
})

import { expect } from 'chai'
import { readQuery } from '../../../src/gateway/dns/query.ts'
import { composeReply, bareAnswer } from '../../../src/gateway/dns/reply.ts'
import { ask, query, RCODES, tell } from './kit.ts'

function faultOf (packet: Uint8Array): string | undefined {
  const read = readQuery(packet)
  return read?.fault === undefined ? undefined : RCODES[read.fault]
}

/** A query with some of its bytes set. */
function changed (bytes: Record<number, number>, packet = ask('web.acme.welkin')): Buffer {
  for (const [at, byte] of Object.entries(bytes)) packet[Number(at)] = byte
  return packet
}

describe('a DNS query', () => {
  it('is read: id, question, whether recursion is wished, EDNS', () => {
    const { id, question, recursionDesired, edns, fault } = query('Web.acme.welkin', { flags: 0x100, edns: 1400 })
    expect([id, question?.labels, question?.type, question?.class, recursionDesired, edns, fault]).to.deep.equal(
      [7, ['web', 'acme', 'welkin'], 1, 1, true, { version: 0, bytesMax: 1400 }, undefined])
  })

  it('is passed over where it is an answer, or has no header', () => {
    expect(readQuery(changed({ 2: 0x80 }))).to.equal(undefined)
    expect(readQuery(new Uint8Array(11))).to.equal(undefined)
  })

  it('is malformed where it does not hold what it says', () => {
    const whole = ask('web.acme.welkin', { edns: 1232 })
    for (let length = 12; length < whole.length; length++) {
      expect(faultOf(whole.subarray(0, length)), String(length)).to.equal('malformed')
    }
    expect(faultOf(changed({ 5: 0 }))).to.equal('malformed')
    expect(faultOf(changed({ 5: 2 }))).to.equal('malformed')
    expect(faultOf(changed({ 7: 1 }))).to.equal('malformed')
    expect(faultOf(changed({ 12: 0xc0, 13: 12 }))).to.equal('malformed')
    expect(faultOf(changed({ 12: 64 }))).to.equal('malformed')
    const long = Buffer.concat([ask('').subarray(0, 12), ...Array.from({ length: 5 }, () => Buffer.alloc(64, 63)),
      Buffer.alloc(5)])
    expect(faultOf(long)).to.equal('malformed')
  })

  it('has EDNS once at the most, at the root, and not of a version that nobody has made yet', () => {
    const plain = ask('web.acme.welkin', { edns: 1232 })
    const opt = plain.subarray(-11)
    expect(faultOf(changed({ 11: 2 }, Buffer.concat([plain, opt])))).to.equal('malformed')
    const version = Buffer.from(plain)
    version[version.length - 5] = 1
    expect(faultOf(version)).to.equal('badVersion')
  })

  it('is of the Internet, and a query', () => {
    expect(faultOf(ask('version.bind', { type: 'TXT', class: 'CH' }))).to.equal('notImplemented')
    for (const opcode of [1, 2, 4, 5, 15]) expect(faultOf(changed({ 2: opcode << 3 }))).to.equal('notImplemented')
  })

  it('that cannot be answered is told so, with its own id and opcode', () => {
    const read = readQuery(changed({ 2: 5 << 3 }))
    if (read === undefined) throw new Error('It was not read.')
    const reply = composeReply(read, bareAnswer(4), 512)
    expect(tell(reply)).to.deep.include({ id: 7, rcode: 'notImplemented', questions: [] })
    expect(reply.readUInt8(2)).to.equal(0x80 | 5 << 3)
  })
})

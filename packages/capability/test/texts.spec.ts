import { expect } from 'chai'
import fc from 'fast-check'
import { armour } from '../src/armour.ts'
import { formatBearer, isBearer, parseBearer } from '../src/bearer.ts'
import { openRevocation, sealRevocation } from '../src/revocation.ts'
import { formatTicket, parseTicket } from '../src/ticket.ts'
import { codeOf, give, idOf, keysOf, ROOT } from './kit.ts'

const ticket = { addresses: ['/ip4/127.0.0.1/tcp/4001/p2p/x'], secret: new Uint8Array(16).fill(7) }
const bearer = { seed: new Uint8Array(32).fill(3), chain: give([], 'root', 'alice') }

describe('tickets and bearer texts', () => {
  it('are what they were before they were text, with white space around', () => {
    expect(parseTicket(`\n ${formatTicket(ticket, ROOT)} `, ROOT)).to.deep.equal(ticket)
    const text = formatBearer(bearer, ROOT)
    expect(isBearer(text)).to.equal(true)
    const { seed, chain } = parseBearer(text, ROOT)
    expect([new Uint8Array(seed), chain.map(link => new Uint8Array(link))])
      .to.deep.equal([bearer.seed, bearer.chain.map(link => new Uint8Array(link))])
  })

  it('that were cut, mistyped, or are of another kind or version are refused', () => {
    const text = formatTicket(ticket, ROOT)
    fc.assert(fc.property(fc.nat(text.length - 1), fc.constantFrom(...'aZ0-_ .é'), (at, char) => {
      const mistyped = text.slice(0, at) + char + text.slice(at + 1)
      if (mistyped.trim() !== text) expect(codeOf(() => parseTicket(mistyped, ROOT))).to.equal('EINVAL')
      expect(codeOf(() => parseTicket(text.slice(0, at), ROOT))).to.equal('EINVAL')
    }), { numRuns: 200 })
    const others = [
      formatBearer(bearer, ROOT), '', 'welkin1', armour('welkin1', [], ROOT),
      armour('welkin1', [ticket.secret], ROOT), armour('welkin1', [new Uint8Array(15), 'a'], ROOT),
      armour('welkin1', [ticket.secret, 5], ROOT), armour('welkin1', [1, 2], ROOT)
    ]
    for (const other of others) expect(codeOf(() => parseTicket(other, ROOT)), other).to.equal('EINVAL')
    for (const body of [[bearer.seed], [new Uint8Array(31), ...bearer.chain], [bearer.seed, 'x'], [5]]) {
      expect(codeOf(() => parseBearer(armour('welkincap1', body, ROOT), ROOT))).to.equal('EINVAL')
    }
  })
})

describe('a revocation on the wire', () => {
  it('is its issuer\'s, whole and unchanged, or none', () => {
    const { wire } = sealRevocation({ target: idOf('bob'), expiresMs: 9, chain: bearer.chain }, keysOf('alice'))
    const { target, issuer, expiresMs, chain } = openRevocation(wire, ROOT)
    expect([target, issuer, expiresMs, chain.length]).to.deep.equal([idOf('bob'), idOf('alice'), 9, 1])
    fc.assert(fc.property(fc.nat(wire.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = wire.map((byte, i) => i === at ? byte ^ flip : byte)
      expect(codeOf(() => openRevocation(changed, ROOT))).to.equal('EPROTO')
      expect(codeOf(() => openRevocation(wire.slice(0, at), ROOT))).to.equal('EPROTO')
    }), { numRuns: 100 })
  })
})

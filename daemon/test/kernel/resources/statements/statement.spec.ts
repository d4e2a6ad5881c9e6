import { expect } from 'chai'
import * as fc from 'fast-check'
import { encode } from '@welkin/abi'
import { CloudError, isCloudError } from '@welkin/interface'
import {
  isSignedBy, openStatement, type Accusation, type FactsStatement, type Statement, type VitalsStatement
} from '../../../../src/kernel/resources/statements/statement.ts'
import { createSpeaker } from './kit.ts'

const [n1, n2] = [createSpeaker('n1'), createSpeaker('n2')]
const STAMP = { incarnation: 1_760_000_000_000, version: 7 }

const open = (wire: Uint8Array): Statement => openStatement(wire, n2.keys)

function codeOf (work: () => unknown): string {
  try {
    work()
    return 'none'
  } catch (error) {
    if (error instanceof CloudError) return error.code
    throw error
  }
}

/** With a signature of `n1` before whatever is given. */
function signed (body: unknown): Uint8Array {
  const bytes = encode(body)
  return new Uint8Array([...n1.keys.sign(bytes), ...bytes])
}

describe('a statement', () => {
  it('is opened as it was sealed, by anybody', () => {
    const facts = n1.facts(STAMP)
    const vitals = n1.vitals(STAMP, { price: 0.25, leaving: true })
    for (const said of [facts, vitals, n2.accuse(vitals)]) expect(open(said.wire)).to.deep.equal(said)
    expect(vitals).to.deep.include({ kind: 'vitals', subject: n1.handle, stamp: STAMP })
    expect(facts.facts).to.include({ id: n1.id, name: 'n1' })
  })

  it('keeps nothing of the message alive in which it came', () => {
    const { wire } = n1.vitals({ incarnation: 1, version: 1 })
    const message = new Uint8Array([...wire, ...wire])
    expect(open(message.subarray(wire.byteLength)).wire.buffer.byteLength).to.equal(wire.byteLength)
  })

  it('is opened once while somebody holds it, and anew where one byte differs', () => {
    const { wire } = n1.vitals({ incarnation: 1, version: 2 })
    const said = open(wire)
    expect(open(new Uint8Array(wire))).to.equal(said)
    const other = n1.vitals({ incarnation: 1, version: 3 }).wire
    expect(open(new Uint8Array([...wire.subarray(0, 64), ...other.subarray(64)])).stamp.version).to.equal(3)
  })

  it('is signed by who says it, in each of its bytes', () => {
    for (const { wire } of [n1.facts(), n1.vitals(), n1.accuse(n2.vitals())]) {
      expect(isSignedBy(n1.id, { wire }, n2.keys)).to.equal(true)
      expect(isSignedBy(n2.id, { wire }, n2.keys)).to.equal(false)
      expect(isSignedBy('nobody', { wire }, n2.keys)).to.equal(false)
      for (let at = 0; at < wire.byteLength; at += 7) {
        const forged = wire.with(at, (wire[at] as number) ^ 1)
        expect(isSignedBy(n1.id, { wire: forged }, n2.keys)).to.equal(false)
      }
    }
  })

  it('of a small node takes few bytes', () => {
    expect(n1.vitals(STAMP).wire.byteLength).to.be.at.most(110)
    expect(n1.facts(STAMP).wire.byteLength).to.be.at.most(350)
    expect(n2.accuse(n1.vitals(STAMP)).wire.byteLength).to.be.at.most(200)
  })

  it('that is cut short, too long, or of another kind is refused', () => {
    const { wire } = n1.vitals(STAMP)
    for (const size of [0, 1, 63, 64, 65, wire.byteLength - 1]) {
      expect(codeOf(() => open(wire.subarray(0, size))), String(size)).to.equal('EPROTO')
    }
    expect(codeOf(() => open(new Uint8Array(16 * 1024 + 1)))).to.equal('EPROTO')
    for (const body of [
      7, null, {}, [], ['wkx1'], ['wkv1'], ['wkf1'], ['wka1'], ['wkv1', -1, 1, 1], ['wkv1', n1.handle, 2 ** 53, 1],
      ['wkv1', n1.handle, 1, 1, 0, 1, 1, 1, Number.NaN, 1], ['wkf1', 1, 1, { id: 'x' }],
      ['wka1', n1.handle], ['wka1', n1.handle, new Uint8Array()], ['wka1', n1.handle, n1.facts().wire],
      ['wka1', n1.handle, n1.accuse(n2.vitals()).wire], ['wka1', -1, n1.vitals().wire]
    ]) expect(codeOf(() => open(signed(body))), JSON.stringify(body)).to.equal('EPROTO')
  })

  it('of a node that knows no bounds is refused before it is made', () => {
    expect(codeOf(() => n1.facts({}, { name: 'x'.repeat(65) }))).to.equal('EINVAL')
    expect(codeOf(() => n1.facts({}, { zone: 'No Zone' }))).to.equal('EINVAL')
    const drivers = Array.from({ length: 33 }, () => 'native')
    expect(codeOf(() => n1.facts({}, { drivers }))).to.equal('EINVAL')
  })

  it('is opened or refused, whatever comes, and nothing else is thrown', () => {
    const bytes = fc.uint8Array({ maxLength: 300 })
    const spoilt = fc.tuple(fc.constantFrom<Array<FactsStatement | VitalsStatement | Accusation>>(
      n1.facts(), n1.vitals(), n1.accuse(n2.vitals())
    ), fc.nat(400), fc.nat(255)).map(([{ wire }, at, value]) => wire.with(at % wire.byteLength, value))
    const valued = fc.anything({ maxDepth: 3, withBigInt: false }).map(value => {
      try {
        return signed(['wkv1', n1.handle, 1, 1, value])
      } catch {
        return new Uint8Array(70)
      }
    })
    fc.assert(fc.property(fc.oneof(bytes, spoilt, valued), wire => {
      try {
        open(wire)
      } catch (error) {
        expect(isCloudError(error, 'EPROTO'), String(error)).to.equal(true)
      }
    }), { numRuns: 500 })
  })
})

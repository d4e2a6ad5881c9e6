import { expect } from 'chai'
import * as fc from 'fast-check'
import { markOf, packDigest, unpackDigest } from '../../../../src/kernel/resources/site/digest.ts'
import { HANDLE_END } from '../../../../src/kernel/resources/statements/handle.ts'
import { createSpeaker } from '../statements/kit.ts'

const entry = fc.record({ handle: fc.nat(HANDLE_END - 1), mark: fc.nat(2 ** 32 - 1) })

describe('a digest', () => {
  it('comes over the wire as it was, in ten bytes a node', () => {
    fc.assert(fc.property(fc.array(entry, { maxLength: 50 }), entries => {
      const bytes = packDigest(entries)
      expect(bytes.byteLength).to.equal(10 * entries.length)
      expect(unpackDigest(bytes)).to.deep.equal(entries)
      const within = new Uint8Array([7, ...bytes, 7]).subarray(1, 1 + bytes.byteLength)
      expect(unpackDigest(within)).to.deep.equal(entries)
    }))
  })

  it('is no other number of bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 45 }), bytes => {
      expect(unpackDigest(bytes) === undefined).to.equal(bytes.byteLength % 10 !== 0)
    }))
  })

  it('marks each node with what it said last', () => {
    const n1 = createSpeaker('n1')
    const [facts, vitals] = [n1.facts().wire, n1.vitals().wire]
    const [newFacts, newVitals] = [n1.facts({ version: 1 }).wire, n1.vitals({ version: 1 }).wire]
    const marks = [markOf(facts, vitals), markOf(facts, newVitals), markOf(newFacts, vitals)]
    expect(new Set(marks)).to.have.lengthOf(3)
    expect(markOf(facts, vitals)).to.equal(marks[0])
    for (const mark of marks) expect(mark).to.be.within(0, 2 ** 32 - 1)
  })
})

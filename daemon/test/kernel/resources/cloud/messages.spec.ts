import { expect } from 'chai'
import * as fc from 'fast-check'
import { encode } from '@welkin/abi'
import { isCloudError } from '@welkin/interface'
import {
  packCloudQuestion, packPicture, unpackCloudQuestion, unpackPicture
} from '../../../../src/kernel/resources/cloud/messages.ts'

function refuses (payload: Uint8Array, read: (payload: Uint8Array) => unknown = unpackPicture): boolean {
  try {
    read(payload)
    return false
  } catch (error) {
    if (!isCloudError(error, 'EPROTO')) throw error
    return true
  }
}

describe('a picture of the cloud on the wire', () => {
  it('is read as it was written, ages in whole milliseconds', () => {
    const wire = Uint8Array.of(1, 2)
    const contacts = [{ site: 'acme/lyon', id: 'n1', addresses: ['test:1'] }]
    expect(unpackPicture(packPicture({ summaries: [{ wire, ageMs: 7.4 }, { wire, ageMs: -3 }], contacts })))
      .to.deep.equal({ summaries: [{ wire, ageMs: 7 }, { wire, ageMs: 0 }], contacts })
    expect(unpackPicture(packPicture({ summaries: [], contacts: [] }))).to.deep.equal({ summaries: [], contacts: [] })
  })

  it('is refused where it has another form', () => {
    const one = Uint8Array.of(1)
    for (const picture of [
      7, null, [], [[]], [7, []], [[one], []], [[one, -1], []], [[one, Number.NaN], []], [['x', 1], []],
      [[one, Number.POSITIVE_INFINITY], []], [[], 7], [[], [7]],
      [Array.from({ length: 2 * 4097 }, (_, i) => i % 2 === 0 ? one : 0), []]
    ]) expect(refuses(encode(picture)), JSON.stringify(picture)?.slice(0, 60)).to.equal(true)
  })

  it('is read or refused, whatever comes, and nothing else is thrown', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), payload => {
      for (const read of [unpackPicture, unpackCloudQuestion]) expect(refuses(payload, read)).to.be.a('boolean')
    }), { numRuns: 300 })
  })
})

describe('a question about the cloud', () => {
  it('is read as it was written', () => {
    const summaries = [{ wire: Uint8Array.of(1, 2), ageMs: 7 }]
    for (const whole of [true, false]) {
      const question = { whole, summaries, contacts: [] }
      expect(unpackCloudQuestion(packCloudQuestion(question))).to.deep.equal(question)
    }
  })

  it('is refused where it has another form', () => {
    const picture = packPicture({ summaries: [], contacts: [] })
    for (const question of [7, [], [true], [1, picture], [true, 7], [true, new Uint8Array()], [true, encode(7)]]) {
      expect(refuses(encode(question), unpackCloudQuestion), JSON.stringify(question)).to.equal(true)
    }
  })
})

import { expect } from 'chai'
import * as fc from 'fast-check'
import { encode } from '@welkin/abi'
import { isCloudError } from '@welkin/interface'
import {
  packComparison, packDifference, packExchanged, packQuestion, packReached, unpackDifference, unpackExchanged,
  unpackQuestion, unpackReached, type Contact, type News
} from '../../../../src/kernel/resources/site/messages.ts'
import { packDigest } from '../../../../src/kernel/resources/site/digest.ts'
import { HANDLE_END } from '../../../../src/kernel/resources/statements/handle.ts'

const wire = fc.uint8Array({ minLength: 1, maxLength: 40 })
const news: fc.Arbitrary<News[]> = fc.array(
  fc.record({ wire, ageMs: fc.nat(1e6).map(steps => steps * 10) }), { maxLength: 5 })
const handle = fc.nat(HANDLE_END - 1)
const contact: fc.Arbitrary<Contact> = fc.record({
  site: fc.constantFrom('acme/lyon', 'acme/paris'), id: fc.string({ maxLength: 20 }),
  addresses: fc.array(fc.string({ maxLength: 20 }), { maxLength: 3 })
})
const READERS = { unpackQuestion, unpackExchanged, unpackDifference, unpackReached }

/** Some values have no form on the wire. */
function encodeIfPossible (value: unknown): Uint8Array {
  try {
    return encode(value)
  } catch {
    return new Uint8Array(1)
  }
}

/** Reads or refuses; anything but EPROTO is a fault of the reader. */
function refuses (read: (payload: Uint8Array) => unknown, payload: Uint8Array): boolean {
  try {
    read(payload)
    return false
  } catch (error) {
    if (!isCloudError(error, 'EPROTO')) throw error
    return true
  }
}

describe('a message of the site', () => {
  it('is read as it was written', () => {
    fc.assert(fc.property(news, fc.option(wire, { nil: undefined }), handle, wire, (told, ids, subject, last) => {
      for (const question of [
        { kind: 'exchange', news: told, ids } as const, { kind: 'reach', subject } as const,
        { kind: 'speak', last } as const, { kind: 'about', subject } as const
      ]) expect(unpackQuestion(packQuestion(question))).to.deep.equal(question)
    }))
    fc.assert(fc.property(news, fc.array(handle, { maxLength: 5 }), fc.option(handle, { nil: undefined }),
      fc.array(contact, { maxLength: 5 }), (told, wanted, next, contacts) => {
        const difference = { news: told, wanted, next, contacts }
        expect(unpackDifference(packDifference(difference))).to.deep.equal(difference)
      }))
    fc.assert(fc.property(news, handle, fc.array(fc.record({ handle, mark: fc.nat(2 ** 32 - 1) }), { maxLength: 5 }), (
      own, from, digest
    ) => {
      expect(unpackQuestion(packComparison('acme/lyon', own, from, HANDLE_END, packDigest(digest)))).to.deep.equal({
        kind: 'compare', site: 'acme/lyon', own, from, to: HANDLE_END, digest
      })
    }))
    expect(unpackExchanged(packExchanged([], 1.5))).to.deep.equal({ news: [], spentMs: 1.5 })
    expect([true, false].map(reached => unpackReached(packReached(reached)))).to.deep.equal([true, false])
  })

  it('tells ages in steps of ten milliseconds, and none below nothing', () => {
    const ages = [-5, 0, 4, 14, 99_999].map(ageMs => ({ wire: Uint8Array.of(1), ageMs }))
    const heard = unpackExchanged(packExchanged(ages, 0)).news.map(({ ageMs }) => ageMs)
    expect(heard).to.deep.equal([0, 0, 0, 10, 100_000])
  })

  it('wants no more nodes than can be asked for', () => {
    const wanted = Array.from({ length: 10_000 }, (_, i) => i)
    const heard = unpackDifference(packDifference({ news: [], wanted, next: undefined, contacts: [] }))
    expect(heard.wanted).to.deep.equal(wanted.slice(0, 4096))
  })

  it('is refused where it has not the form of any', () => {
    const one = Uint8Array.of(1)
    for (const question of [
      7, null, 'x', {}, [], [0], [9], [1], [1, 7], [1, [one]], [1, [one, -1]], [1, [one, Number.NaN]],
      [1, [one, Number.POSITIVE_INFINITY]], [1, ['x', 1]], [2], [2, -1], [2, HANDLE_END], [2, 'x'], [4], [4, 7],
      [3, 'No Site', [], 0, 1, one], [3, 'acme', [], -1, 1, new Uint8Array()], [3, 'acme', [], 0, 1, new Uint8Array(9)],
      [3, 'acme', [], 0, 'x', new Uint8Array()], [3, 'acme', 7, 0, 1, new Uint8Array()],
      [1, Array.from({ length: 2 * 4097 }, (_, i) => i % 2 === 0 ? one : 0)]
    ]) expect(refuses(unpackQuestion, encode(question)), JSON.stringify(question)?.slice(0, 80)).to.equal(true)
    for (const difference of [
      [[], 7, null, []], [[], [-1], null, []], [[], [], 'x', []], [[], [], null, 7], [[], [], null, [7]],
      [[], [], null, [['No Site', 'n1', []]]], [[], [], null, [['acme', 7, []]]], [[], [], null, [['acme', 'n1', 7]]],
      [[], [], null, [['acme', 'n1', ['x'.repeat(257)]]]], [[], [], null, [['acme', 'x'.repeat(129), []]]],
      [[], [], null, Array.from({ length: 65 }, () => ['acme', 'n1', []])], [[], Array(4097).fill(1), null, []]
    ]) expect(refuses(unpackDifference, encode(difference)), JSON.stringify(difference).slice(0, 80)).to.equal(true)
    for (const exchanged of [[], [[]], [[], -1], [[], Number.NaN], [7, 1]]) {
      expect(refuses(unpackExchanged, encode(exchanged))).to.equal(true)
    }
  })

  it('is read or refused, whatever comes, and nothing else is thrown', () => {
    const value = fc.anything({ maxDepth: 3 }).map(encodeIfPossible)
    const shaped = fc.tuple(fc.nat(5), fc.array(fc.anything({ maxDepth: 2 }), { maxLength: 6 }))
      .map(([kind, parts]) => encodeIfPossible([kind, ...parts]))
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), value, shaped), payload => {
      for (const read of Object.values(READERS)) expect(refuses(read, payload)).to.be.a('boolean')
    }), { numRuns: 500 })
  })
})

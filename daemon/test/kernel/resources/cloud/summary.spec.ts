import { expect } from 'chai'
import * as fc from 'fast-check'
import { encode } from '@welkin/abi'
import { isCloudError, type SiteSummary } from '@welkin/interface'
import { openSummary, sealSummary, type SpokenSummary } from '../../../../src/kernel/resources/cloud/summary.ts'
import { keysOf } from '../statements/kit.ts'

const [n1, n2] = [keysOf('n1'), keysOf('n2')]
const finite = fc.double({ min: -1e12, max: 1e12, noNaN: true, noDefaultInfinity: true }).map(value => value + 0)

const summary: fc.Arbitrary<Omit<SiteSummary, 'ageMs'>> = fc.record({
  site: fc.constantFrom('acme/lyon', 'acme'), up: fc.nat(), down: fc.nat(),
  numbers: fc.dictionary(fc.string({ minLength: 1, maxLength: 10 }).filter(name => !name.startsWith('__')), fc.record({
    min: finite, max: finite, sum: finite, histogram: fc.array(fc.nat(), { maxLength: 8 })
  }), { maxKeys: 4, noNullPrototype: true }),
  words: fc.dictionary(
    fc.string({ minLength: 1, maxLength: 10 }).filter(name => !name.startsWith('__')),
    fc.array(fc.string({ maxLength: 10 }), { maxLength: 4 }), { maxKeys: 4, noNullPrototype: true }),
  centre: fc.option(fc.constant(
    { coordinate: { vector: [1.5, -20.3], heightMs: 0, error: 0.25 }, radiusMs: 12.4 }), { nil: undefined }),
  delegates: fc.array(fc.record({
    id: fc.string({ maxLength: 20 }), addresses: fc.array(fc.string({ maxLength: 20 }), { maxLength: 8 })
  }), { maxLength: 4 })
})

const small: Omit<SiteSummary, 'ageMs'> =
  { site: 'acme/lyon', up: 3, down: 1, numbers: {}, words: {}, delegates: [{ id: 'n1', addresses: ['test:1'] }] }

function spoken (more: Partial<SpokenSummary> = {}): SpokenSummary {
  return sealSummary({ summary: small, speaker: n1.self, incarnation: 1, sequence: 0, ...more }, n1)
}

function refuses (wire: Uint8Array): boolean {
  try {
    openSummary(wire, n2)
    return false
  } catch (error) {
    if (!isCloudError(error, 'EPROTO')) throw error
    return true
  }
}

/** With a signature of `n1` before whatever is given. */
function signed (body: unknown): Uint8Array {
  const bytes = encode(body)
  return new Uint8Array([...n1.sign(bytes), ...bytes])
}

describe('the summary of a site', () => {
  it('is opened as it was sealed', () => {
    fc.assert(fc.property(summary, fc.nat(), fc.nat(), (said, incarnation, sequence) => {
      const heard = openSummary(spoken({ summary: said, incarnation, sequence }).wire, n2)
      const { centre, ...rest } = said
      expect(heard).to.deep.include({ speaker: n1.self, incarnation, sequence })
      expect(heard.summary).to.deep.equal(centre === undefined ? rest : said)
    }), { numRuns: 50 })
  })

  it('reaches a little farther than was said, never less far', () => {
    const centre = { coordinate: { vector: [0], heightMs: 0, error: 0 }, radiusMs: 12.341 }
    expect(openSummary(spoken({ summary: { ...small, centre } }).wire, n2).summary.centre?.radiusMs).to.equal(12.4)
  })

  it('is its speaker\'s, in each of its bytes', () => {
    const { wire } = spoken()
    for (let at = 0; at < wire.byteLength; at += 5) {
      expect(refuses(wire.with(at, (wire[at] as number) ^ 1)), String(at)).to.equal(true)
    }
    expect(refuses(spoken({ speaker: n2.self }).wire)).to.equal(true)
    expect(refuses(spoken({ speaker: 'nobody' }).wire)).to.equal(true)
  })

  it('that is cut short, too long, or says what no site does is refused', () => {
    const { wire } = spoken()
    for (const size of [0, 1, 64, 65, wire.byteLength - 1]) expect(refuses(wire.subarray(0, size))).to.equal(true)
    expect(refuses(new Uint8Array(16 * 1024 + 1))).to.equal(true)
    const good = ['welkin/summary/1', n1.self, 1, 0, 'acme/lyon', 3, 1, {}, {}, null, []]
    expect(refuses(signed(good))).to.equal(false)
    const changes: Array<[place: number, value: unknown]> = [
      [0, 'welkin/summary/2'], [1, 7], [2, -1], [2, 2 ** 53], [3, 0.5], [4, 'No Site'],
      [5, -1], [5, Number.NaN], [6, 2 ** 40],
      [7, []], [7, { cpu: [0, 1, Number.POSITIVE_INFINITY, []] }], [7, { cpu: [0, 1, 2, [-1]] }],
      [7, { cpu: [0, 1, 2, Array(65).fill(1)] }], [8, { arch: 'x64' }], [8, { arch: ['x'.repeat(257)] }],
      [9, [[0, 0], 1]], [9, [[0, 0, 1e9], 1]], [9, [[0, 0, 0], -1]], [9, 7],
      [10, [7]], [10, [['n1', ['x'.repeat(257)]]]], [10, Array.from({ length: 17 }, () => ['n1', []])]
    ]
    for (const [place, value] of changes) {
      expect(refuses(signed(good.with(place, value as string))), `${place}: ${String(value)}`).to.equal(true)
    }
    expect(refuses(signed(good.slice(1)))).to.equal(true)
  })

  it('is opened or refused, whatever comes, and nothing else is thrown', () => {
    const { wire } = spoken()
    const spoilt = fc.tuple(fc.nat(wire.byteLength - 1), fc.nat(255)).map(([at, value]) => wire.with(at, value))
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), spoilt), given => {
      expect(refuses(given)).to.be.a('boolean')
    }), { numRuns: 300 })
  })
})

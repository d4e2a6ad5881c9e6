import { expect } from 'chai'
import { formatAge, formatRtt, formatSeconds, formatSpan } from '../src/print/durations.ts'
import { formatFacts } from '../src/print/facts.ts'
import { ordered } from '../src/print/ordered.ts'
import { formatTable, type Column } from '../src/print/table.ts'
import { formatArgv, formatCount, formatShare, orDash, shorten } from '../src/print/words.ts'

describe('printing for people', () => {
  for (const [ms, text] of [
    [-50, '0s'], [999, '0s'], [42_000, '42s'], [119_000, '119s'],
    [120_000, '2m'], [7_200_000, '2h'], [172_800_000, '2d']
  ] as const) {
    it(`prints an age of ${ms} ms as ${text}`, () => {
      expect(formatAge(ms)).to.equal(text)
    })
  }

  it('prints seconds with three digits, and never fewer than the whole ones', () => {
    expect([34, 1234, 41_500, 180_400].map(formatSeconds)).to.deep.equal(['0.034', '1.23', '41.5', '180'])
  })

  it('sets a table without lines, numbers at the right, and nothing at the end of a line', () => {
    const columns: Column[] = ['NODE', { title: 'FILES', numbers: true }, 'ZONE']
    const table = formatTable(columns, [['n1', '7', 'a'], ['n10', '10,881', '']])
    expect(table).to.equal('NODE    FILES   ZONE\nn1          7   a\nn10    10,881\n')
  })

  it('quotes arguments as a shell needs them, and lets no control character through', () => {
    expect(formatArgv(['sh', '-c', 'echo "it\'s"\n\u001b[2J'])).to.equal('sh -c \'echo "it\'\\\'\'s" [2J\'')
  })

  it('shortens what is too long, and says so', () => {
    expect(shorten('abcdef', 4)).to.equal('abc…')
    expect(shorten('abcd', 4)).to.equal('abcd')
  })

  it('counts in words', () => {
    expect([formatCount(1, 'file'), formatCount(10_881, 'file')]).to.deep.equal(['1 file', '10,881 files'])
  })

  for (const [ms, text] of [
    [0, '0 ms'], [0.004, '0.00 ms'], [0.13, '0.13 ms'], [4.21, '4.2 ms'], [31.24, '31.2 ms'], [312.4, '312 ms'],
    [1234, '1.23 s'], [180_400, '180 s']
  ] as const) {
    it(`prints a span of ${ms} ms as ${text}`, () => {
      expect(formatSpan(ms)).to.equal(text)
    })
  }

  it('prints a round trip with how much it may be off, where that is known', () => {
    expect([formatRtt(31.24, 0.61), formatRtt(31.24, undefined)]).to.deep.equal(['31.2 ms ± 0.6', '31.2 ms'])
  })

  it('prints shares as whole percents, and never hides one', () => {
    expect([0, 0.004, 0.01, 0.425, 1].map(formatShare)).to.deep.equal(['0 %', '<1 %', '1 %', '43 %', '100 %'])
  })

  it('prints a dash for what is unknown', () => {
    expect([orDash(0.5, formatShare), orDash(undefined, formatShare)]).to.deep.equal(['50 %', '-'])
  })

  it('prints facts below one another', () => {
    expect(formatFacts([['id', '7'], ['memory', '1 GiB']])).to.equal('id      7\nmemory  1 GiB\n')
  })

  it('orders numbers as numbers, words with numbers as people count, and what is unknown last', () => {
    const keyOf = <T> (key: T): T => key
    expect(ordered([10, undefined, 9], keyOf, false)).to.deep.equal([9, 10, undefined])
    expect(ordered([9, undefined, 10], keyOf, true)).to.deep.equal([10, 9, undefined])
    expect(ordered(['n10', 'n2', 'N1'], keyOf, false)).to.deep.equal(['N1', 'n2', 'n10'])
  })
})

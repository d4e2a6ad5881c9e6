import { expect } from 'chai'
import { formatAge, formatSeconds } from '../src/print/durations.ts'
import { formatTable, type Column } from '../src/print/table.ts'
import { formatArgv, formatCount, shorten } from '../src/print/words.ts'

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
})

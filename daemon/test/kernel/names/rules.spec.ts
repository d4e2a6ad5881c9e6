import { expect } from 'chai'
import fc from 'fast-check'
import { encodeEntries, mergeEntries } from '../../../src/kernel/names/record.ts'
import { refusalOf, standing } from '../../../src/kernel/names/rules.ts'
import type { Rule } from '../../../src/kernel/names/entry.ts'
import { said } from './kit.ts'

const ids = (entries: ReturnType<typeof standing>): string[] => entries.entries.map(({ subject }) => subject.id)

describe('the rules of names', () => {
  const older = (rule: Rule) => said({ id: 'aa', boundAtMs: 1000, rule })
  const newer = (rule: Rule) => said({ id: 'bb', boundAtMs: 2000, rule })

  it('let all hold, or the latest, or the first', () => {
    expect(ids(standing([newer('both'), older('both')], 5000))).to.deep.equal(['aa', 'bb'])
    expect(ids(standing([newer('latest'), older('latest')], 5000))).to.deep.equal(['bb'])
    expect(ids(standing([newer('first'), older('first')], 5000))).to.deep.equal(['aa'])
  })

  it('are the one that was declared first, where two sides of a cut declared different ones', () => {
    expect(standing([newer('both'), older('first')], 5000)).to.deep.include({ rule: 'first' })
    expect(ids(standing([newer('first'), older('both')], 5000))).to.deep.equal(['aa', 'bb'])
  })

  it('look at what is bound now', () => {
    expect(ids(standing([older('first'), newer('first')], 100_000))).to.deep.equal([])
    expect(ids(standing([said({ removed: true, rule: 'first' }), newer('first')], 5000))).to.deep.equal(['bb'])
  })

  it('say what cannot be bound beside what holds', () => {
    const holds = standing([older('first')], 5000)
    expect(refusalOf(holds, newer('latest'))?.code).to.equal('EEXIST')
    expect(refusalOf(holds, older('first'))).to.equal(undefined)
    expect(refusalOf(standing([older('both')], 5000), newer('latest'))?.code).to.equal('EINVAL')
    expect(refusalOf(standing([older('latest')], 5000), newer('latest'))).to.equal(undefined)
    expect(refusalOf(standing([], 5000), newer('first'))).to.equal(undefined)
  })

  it('come to the same everywhere, in whatever order and however often it is heard', () => {
    const binding = fc.record({
      id: fc.constantFrom('aa', 'bb', 'cc'), by: fc.constantFrom('n1', 'n2'), stampMs: fc.nat(5), boundAtMs: fc.nat(3),
      removed: fc.boolean(), rule: fc.constantFrom<Rule>('both', 'latest', 'first')
    }).map(said)
    const heard = fc.array(binding, { maxLength: 8 }).chain(all => fc.tuple(
      fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })))
    fc.assert(fc.property(heard, fc.nat(8), ([all, shuffled], cut) => {
      const one = all.reduce<typeof all>((held, entry) => mergeEntries(held, [entry]), [])
      const other = mergeEntries(mergeEntries([], shuffled.slice(0, cut)), mergeEntries([], shuffled.slice(cut)))
      expect(encodeEntries(other)).to.deep.equal(encodeEntries(one))
    }), { numRuns: 300 })
  })
})

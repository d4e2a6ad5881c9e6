import { expect } from 'chai'
import fc from 'fast-check'
import { isLike } from '../src/glob.ts'

describe('a pattern', () => {
  it('is met by what the regular expression of the same meaning takes', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 })
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 })
    fc.assert(fc.property(text, pattern, (word, like) => {
      const expression = new RegExp(`^${like.replaceAll('*', '.*').replaceAll('?', '.')}$`)
      expect(isLike(word, like)).to.equal(expression.test(word))
    }), { numRuns: 3000 })
  })

  it('takes its time for no text: a thousand stars come to an end', () => {
    expect(isLike('a'.repeat(1000), `${'*a'.repeat(1000)}b`)).to.equal(false)
  })

  it('takes what has a meaning elsewhere as it stands', () => {
    expect(isLike('a.b', 'a.b')).to.equal(true)
    expect(isLike('axb', 'a.b')).to.equal(false)
    expect(isLike('[a]', '[?]')).to.equal(true)
  })
})

import { expect } from 'chai'
import fc from 'fast-check'
import { LinePrefix } from '../src/object/line-prefix.ts'

/** What comes out for pieces that go in. */
function prefixed (pieces: readonly string[]): string {
  const lines = new LinePrefix('a | ')
  const out = pieces.map(piece => lines.take(Buffer.from(piece)))
  return Buffer.concat([...out, lines.rest()]).toString()
}

describe('a line prefix', () => {
  it('stands before each line, also before empty ones', () => {
    expect(prefixed(['one\n\ntwo\n'])).to.equal('a | one\na | \na | two\n')
  })

  it('ends a last line that has no newline', () => {
    expect(prefixed(['one\ntwo'])).to.equal('a | one\na | two\n')
  })

  it('says nothing for nothing', () => {
    expect(prefixed([''])).to.equal('')
  })

  it('does not depend on where the bytes were cut', () => {
    const text = fc.string({ unit: fc.constantFrom('x', '\n', 'é') })
    fc.assert(fc.property(fc.array(text), pieces => {
      expect(prefixed(pieces)).to.equal(prefixed([pieces.join('')]))
    }))
  })
})

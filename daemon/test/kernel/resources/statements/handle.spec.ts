import { expect } from 'chai'
import { HANDLE_END, handleOf, isHandle } from '../../../../src/kernel/resources/statements/handle.ts'
import { keysOf } from './kit.ts'

describe('a handle', () => {
  it('is the first 48 bits of the SHA-256 of the id', () => {
    // printf n1 | sha256sum
    expect(handleOf('n1', keysOf('any'))).to.equal(0x676b8bb84ce7)
    expect(handleOf('n1', keysOf('other'))).to.equal(handleOf('n1', keysOf('any')))
    expect(handleOf('n2', keysOf('any'))).not.to.equal(handleOf('n1', keysOf('any')))
  })

  it('is a whole number of 48 bits', () => {
    for (const handle of [0, 1, HANDLE_END - 1]) expect(isHandle(handle)).to.equal(true)
    for (const nonsense of [-1, HANDLE_END, 0.5, Number.NaN, '1', null, undefined, 1n]) {
      expect(isHandle(nonsense), String(nonsense)).to.equal(false)
    }
  })
})

import { expect } from 'chai'
import { encode } from '@welkin/abi'
import { isCloudError } from '@welkin/interface'
import { packEcho, unpackEcho } from '../../../src/kernel/measurement/echo.ts'

describe('an echo', () => {
  it('carries where its node stands', () => {
    const coordinate = { vector: [1.5, -2], heightMs: 0.25, error: 0.5 }
    expect(unpackEcho(packEcho(coordinate))).to.deep.equal(coordinate)
  })

  it('with nonsense in it says nothing', () => {
    for (const nonsense of [7, 'x', [], [1, 2], [1, 'x', 3], { vector: [1] }]) {
      expect(unpackEcho(encode(nonsense))).to.equal(undefined)
    }
    expect(() => unpackEcho(Uint8Array.of(0x92))).to.throw().and.satisfy(isCloudError)
  })
})

import { expect } from 'chai'
import { decodeItem, encodeItem, TABLE } from '../src/index.ts'

const { input: bytes } = TABLE['blob.put']

describe('an item of a row', () => {
  it('that is bytes goes as it is', () => {
    const item = Uint8Array.of(1, 2, 3)
    expect(encodeItem(bytes, item)).to.equal(item)
    expect(decodeItem(bytes, item)).to.equal(item)
  })

  it('that should be bytes and is not is refused with EINVAL', () => {
    for (const item of ['h', 7, undefined, null, [1, 2], { bytes: Uint8Array.of(1) }]) {
      expect(() => encodeItem(bytes, item), JSON.stringify(item))
        .to.throw(/takes bytes/).with.property('code', 'EINVAL')
    }
  })
})

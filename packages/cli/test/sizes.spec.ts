import { expect } from 'chai'
import fc from 'fast-check'
import { formatSize, parseSize } from '../src/print/sizes.ts'

describe('sizes', () => {
  for (const [text, bytes] of [
    ['0', 0], ['4096', 4096], ['64M', 67_108_864], ['64m', 67_108_864], ['1.5G', 1_610_612_736],
    ['200 KiB', 204_800], ['10kb', 10_240], ['7B', 7]
  ] as const) {
    it(`reads ${text} as ${bytes} bytes`, () => {
      expect(parseSize(text)).to.equal(bytes)
    })
  }

  for (const text of ['', 'M', '-1', '1.G', '1e9', '12 parsecs', '0x10', 'Infinity']) {
    it(`does not take ${JSON.stringify(text)} for a size`, () => {
      expect(parseSize(text)).to.equal(undefined)
    })
  }

  for (const [bytes, text] of [
    [0, '0 B'], [999, '999 B'], [1000, '1.0 KiB'], [1536, '1.5 KiB'],
    [10_240, '10 KiB'], [1023 * 1024, '1.0 MiB'], [179_306_496, '171 MiB']
  ] as const) {
    it(`prints ${bytes} bytes as ${text}`, () => {
      expect(formatSize(bytes)).to.equal(text)
    })
  }

  it('reads back what it prints, but for the digits that it drops', () => {
    fc.assert(fc.property(fc.nat(2 ** 31), bytes => {
      const back = parseSize(formatSize(bytes)) as number
      expect(Math.abs(back - bytes)).to.be.at.most(Math.max(1, bytes * 0.06))
    }))
  })
})

import { expect } from 'chai'
import { Reader } from '../../src/binary/reader.ts'
import { Writer } from '../../src/binary/writer.ts'

describe('the numbers of a module', () => {
  it('are read as they were written, unsigned ones', () => {
    for (const value of [0, 1, 127, 128, 16_383, 16_384, 2 ** 21, 2 ** 31, 2 ** 32 - 1]) {
      expect(new Reader(new Writer().u32(value).written).u32()).to.equal(value)
    }
  })

  it('are read as they were written, signed ones', () => {
    for (const value of [0, 1, -1, 63, 64, -64, -65, 8191, 8192, -8192, -8193, 2 ** 31 - 1, -(2 ** 31)]) {
      expect(new Reader(new Writer().s32(value).written).s33()).to.equal(value)
    }
  })

  it('may be longer than they need be', () => {
    const reader = new Reader(Uint8Array.of(0x83, 0x80, 0x00, 0x83, 0x80, 0x00, 7))
    expect(reader.u32()).to.equal(3)
    reader.skipNumber()
    expect(reader.byte()).to.equal(7)
  })

  it('stand before what they count: lists, names with whatever letters, and bytes', () => {
    const out = new Writer(1)
    out.name('\uFEFFwelkin ☁').list([1, 300], item => { out.u32(item) }).sized(Uint8Array.of(9, 8))
    const reader = new Reader(out.written)
    expect(reader.name()).to.equal('\uFEFFwelkin ☁')
    expect(reader.list(() => reader.u32())).to.deep.equal([1, 300])
    expect(reader.slice(reader.u32())).to.deep.equal(Uint8Array.of(9, 8))
  })
})

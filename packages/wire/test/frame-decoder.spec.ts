import { concatBytes } from '@welkin/async'
import { expect } from 'chai'
import fc from 'fast-check'
import { FrameDecoder, type FrameSink } from '../src/frame-decoder.ts'
import { LENGTH_BASE, PREFIX_BYTES_MAX } from '../src/frames.ts'
import { Outbox } from '../src/outbox.ts'
import { HandPipe } from './kit.ts'

const frames = fc.array(fc.record({
  kind: fc.nat(255), id: fc.nat(0xffffffff), payload: fc.uint8Array({ maxLength: 20_000 })
}), { maxLength: 12 })

/** What an outbox makes of frames. */
function encode (list: ReadonlyArray<{ kind: number, id: number, payload: Uint8Array }>): Uint8Array {
  const pipe = new HandPipe()
  const outbox = new Outbox(pipe, () => {})
  for (const { kind, id, payload } of list) outbox.put(kind, id, payload.subarray(3), payload.subarray(0, 3))
  outbox.flush()
  return concatBytes(pipe.written)
}

function whole (frame: FrameSink['frame']): FrameSink {
  return { frame, takesPieces: () => false }
}

function pushCut (decoder: FrameDecoder, bytes: Uint8Array, cuts: readonly number[]): void {
  let at = 0
  for (const cut of cuts) {
    decoder.push(bytes.subarray(at, at + cut))
    at = Math.min(bytes.byteLength, at + cut)
  }
  decoder.push(bytes.subarray(at))
}

const cuttings = fc.array(fc.nat(40_000), { maxLength: 40 })

describe('frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    fc.assert(fc.property(frames, cuttings, (list, cuts) => {
      const found: Array<{ kind: number, id: number, payload: Uint8Array }> = []
      const decoder = new FrameDecoder(20_000, whole((kind, id, payload) => found.push({ kind, id, payload })))
      pushCut(decoder, encode(list), cuts)
      expect(found.map(frame => ({ ...frame, payload: Uint8Array.from(frame.payload) }))).to.deep.equal(list)
    }), { numRuns: 60 })
  })

  it('come out in pieces where they may, none empty', () => {
    fc.assert(fc.property(frames, cuttings, (list, cuts) => {
      const bytes = encode(list)
      const found: Array<{ kind: number, id: number, pieces: Uint8Array[] }> = []
      const decoder = new FrameDecoder(20_000, {
        takesPieces: kind => kind % 2 === 1,
        frame: (kind, id, payload, goesOn) => {
          if (!goesOn) found.push({ kind, id, pieces: [] })
          found.at(-1)?.pieces.push(payload)
        }
      })
      pushCut(decoder, bytes, cuts)
      for (const { kind, pieces } of found) {
        if (kind % 2 === 0) expect(pieces).to.have.length(1)
        if (pieces.length === 1) continue
        expect(pieces.every(piece => piece.byteLength > 0)).to.equal(true)
      }
      expect(found.map(({ kind, id, pieces }) => ({ kind, id, payload: Uint8Array.from(concatBytes(pieces)) })))
        .to.deep.equal(list)
    }), { numRuns: 60 })
  })

  it('come out in views of the chunks, and together where these are small', () => {
    const bytes = encode([{ kind: 7, id: 7, payload: new Uint8Array(20_000) }])
    const found: Uint8Array[] = []
    const decoder = new FrameDecoder(20_000, {
      takesPieces: () => true, frame: (_kind, _id, piece) => found.push(piece)
    })
    decoder.push(bytes.subarray(0, 6000))
    decoder.push(bytes.subarray(6000, 12_000))
    for (const byte of bytes.subarray(12_000)) decoder.push(Uint8Array.of(byte))
    expect(found.map(piece => piece.byteLength)).to.deep.equal([6000 - 9, 6000, 8009])
    expect(found.map(piece => piece.buffer === bytes.buffer)).to.deep.equal([true, true, false])
  })

  it('come out byte by byte', () => {
    const bytes = encode([
      { kind: 2, id: 7, payload: new Uint8Array(300).fill(5) },
      { kind: 3, id: 8, payload: new Uint8Array(0) }
    ])
    const ids: number[] = []
    const decoder = new FrameDecoder(1000, whole((_kind, id) => ids.push(id)))
    for (const byte of bytes) decoder.push(Uint8Array.of(byte))
    expect(ids).to.deep.equal([7, 8])
  })

  it('are views of the chunk that they came in', () => {
    const bytes = encode([{ kind: 2, id: 7, payload: new Uint8Array(300) }])
    const buffers: ArrayBufferLike[] = []
    new FrameDecoder(1000, whole((_kind, _id, payload) => buffers.push(payload.buffer))).push(bytes)
    expect(buffers).to.deep.equal([bytes.buffer])
  })

  for (const length of [0, LENGTH_BASE - 1, LENGTH_BASE + PREFIX_BYTES_MAX + 1001, 0xffffffff]) {
    it(`of length ${length} are refused before their payload comes`, () => {
      const header = new Uint8Array(9)
      new DataView(header.buffer).setUint32(0, length)
      const decoder = new FrameDecoder(1000, whole(() => expect.fail('no frame is here')))
      decoder.push(header.subarray(0, 8))
      expect(() => decoder.push(header.subarray(8))).to.throw().with.property('code', 'EPROTO')
    })
  }
})

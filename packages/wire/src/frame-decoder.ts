import { CloudError } from '@welkin/interface'
import { HEADER_BYTES, LENGTH_BASE, PREFIX_BYTES_MAX, readUint32 } from './frames.ts'

/** Takes one frame; `kind` as it stands on the wire. */
export type FrameSink = (kind: number, id: number, payload: Uint8Array) => void

/**
 * Finds the frames in bytes that come in chunks of any size. A frame that came in one chunk is given as a view of it,
 * any other is copied once. Holds at most one frame that is not whole, however small its pieces are.
 */
export class FrameDecoder {
  readonly #lengthMax: number
  readonly #sink: FrameSink
  /** The frame that is not whole, or its header alone as long as the frame's size is not known. */
  #partial: Uint8Array | undefined
  #filledBytes = 0

  constructor (payloadBytesMax: number, sink: FrameSink) {
    this.#lengthMax = LENGTH_BASE + PREFIX_BYTES_MAX + payloadBytesMax
    this.#sink = sink
  }

  /** Gives each frame that is whole now to the sink. Throws EPROTO for a length that cannot be. */
  push (chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.byteLength) {
      const left = chunk.byteLength - at
      if (this.#partial === undefined) {
        const needed = left < HEADER_BYTES ? HEADER_BYTES : this.#frameBytes(chunk, at)
        if (needed <= left) {
          this.#deliver(chunk, at, at + needed)
          at += needed
          continue
        }
        this.#partial = new Uint8Array(needed)
        this.#filledBytes = 0
      }
      at += this.#fill(this.#partial, chunk, at)
    }
  }

  /** Returns how many bytes of `chunk` it took. */
  #fill (partial: Uint8Array, chunk: Uint8Array, at: number): number {
    const taken = Math.min(partial.byteLength - this.#filledBytes, chunk.byteLength - at)
    partial.set(chunk.subarray(at, at + taken), this.#filledBytes)
    this.#filledBytes += taken
    if (this.#filledBytes < partial.byteLength) return taken
    const needed = this.#frameBytes(partial, 0)
    if (needed > partial.byteLength) {
      this.#partial = new Uint8Array(needed)
      this.#partial.set(partial)
    } else {
      this.#partial = undefined
      this.#deliver(partial, 0, needed)
    }
    return taken
  }

  #frameBytes (bytes: Uint8Array, at: number): number {
    const length = readUint32(bytes, at)
    if (length >= LENGTH_BASE && length <= this.#lengthMax) return length + HEADER_BYTES - LENGTH_BASE
    throw new CloudError('EPROTO',
      `A frame says that it is ${length} bytes long; ${LENGTH_BASE} to ${this.#lengthMax} are allowed.`)
  }

  #deliver (bytes: Uint8Array, from: number, to: number): void {
    this.#sink(bytes[from + 4] as number, readUint32(bytes, from + 5), bytes.subarray(from + HEADER_BYTES, to))
  }
}

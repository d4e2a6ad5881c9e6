import { concatBytes } from '@welkin/async'
import { CloudError } from '@welkin/interface'
import { HEADER_BYTES, LENGTH_BASE, PREFIX_BYTES_MAX, readUint32 } from './frames.ts'

/** Takes one frame; `kind` as it stands on the wire. */
export type FrameSink = (kind: number, id: number, payload: Uint8Array) => void

/**
 * Finds the frames in bytes that come in chunks of any size. Payloads are views of the chunk where the frame came in
 * one, else a copy. Holds at most one frame that is not whole.
 */
export class FrameDecoder {
  readonly #lengthMax: number
  readonly #sink: FrameSink
  #held: Uint8Array[] = []
  #heldBytes = 0
  /** Bytes that must be there before more can be known: a header, then its whole frame. */
  #neededBytes = HEADER_BYTES

  constructor (payloadBytesMax: number, sink: FrameSink) {
    this.#lengthMax = LENGTH_BASE + PREFIX_BYTES_MAX + payloadBytesMax
    this.#sink = sink
  }

  /** Gives each frame that is whole now to the sink. Throws EPROTO for a length that cannot be. */
  push (chunk: Uint8Array): void {
    if (this.#heldBytes + chunk.byteLength < this.#neededBytes) {
      this.#hold(chunk)
      return
    }
    let rest = chunk
    while (this.#heldBytes > 0 && this.#heldBytes + rest.byteLength >= this.#neededBytes) {
      rest = this.#completeHeld(rest)
    }
    rest = this.#heldBytes === 0 ? this.#readAll(rest) : rest
    if (rest.byteLength > 0) this.#hold(rest)
  }

  #hold (bytes: Uint8Array): void {
    this.#held.push(bytes)
    this.#heldBytes += bytes.byteLength
  }

  // Joins what is held with no more of `chunk` than is needed, so that a long frame is copied once.
  #completeHeld (chunk: Uint8Array): Uint8Array {
    const taken = this.#neededBytes - this.#heldBytes
    const whole = concatBytes([...this.#held, chunk.subarray(0, taken)])
    const rest = chunk.subarray(taken)
    if (this.#neededBytes === HEADER_BYTES) {
      this.#neededBytes = this.#frameBytes(whole, 0)
      this.#held = [whole]
      this.#heldBytes = HEADER_BYTES
      if (this.#neededBytes > HEADER_BYTES) return rest
    }
    this.#held = []
    this.#heldBytes = 0
    this.#neededBytes = HEADER_BYTES
    this.#deliver(whole, 0, whole.byteLength)
    return rest
  }

  #readAll (chunk: Uint8Array): Uint8Array {
    let at = 0
    while (chunk.byteLength - at >= HEADER_BYTES) {
      const frameBytes = this.#frameBytes(chunk, at)
      if (chunk.byteLength - at < frameBytes) {
        this.#neededBytes = frameBytes
        break
      }
      this.#deliver(chunk, at, at + frameBytes)
      at += frameBytes
    }
    return at === 0 ? chunk : chunk.subarray(at)
  }

  #frameBytes (bytes: Uint8Array, at: number): number {
    const length = readUint32(bytes, at)
    if (length >= LENGTH_BASE && length <= this.#lengthMax) return length + HEADER_BYTES - LENGTH_BASE
    throw new CloudError('EPROTO', `A frame says that it is ${length} bytes long; ${LENGTH_BASE} to ${this.#lengthMax} are allowed.`)
  }

  #deliver (bytes: Uint8Array, from: number, to: number): void {
    this.#sink(bytes[from + 4] as number, readUint32(bytes, from + 5), bytes.subarray(from + HEADER_BYTES, to))
  }
}

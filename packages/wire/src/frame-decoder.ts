import { CloudError } from '@welkin/interface'
import { HEADER_BYTES, LENGTH_BASE, PREFIX_BYTES_MAX, readUint32, writeUint32 } from './frames.ts'

/** What is left of a frame is put together where it comes in smaller pieces: each costs memory of its own. */
const PIECE_BYTES_MIN = 4096

/** Who takes frames; `kind` as it stands on the wire. */
export interface FrameSink {
  /** `goesOn`: a further piece of the frame of which a piece came last. */
  frame (kind: number, id: number, payload: Uint8Array, goesOn: boolean): void
  /** Whether the payload of such a frame may come in pieces. */
  takesPieces (kind: number, id: number): boolean
}

/**
 * Finds the frames in bytes that come in chunks of any size. A frame that came in one chunk is given as a view of it,
 * and so are the pieces of one that may come in pieces; any other is copied once. Holds at most one frame that is not
 * whole, and gives few pieces, however small they come.
 */
export class FrameDecoder {
  readonly #lengthMax: number
  readonly #sink: FrameSink
  /** The frame that is not whole, or its header alone as long as the frame's size is not known. */
  #partial: Uint8Array | undefined
  #filledBytes = 0
  /** Whether that is what is left of a frame. */
  #isRest = false
  /** The frame that is given in pieces, and how much of it is still to come. */
  #pieced = { kind: 0, id: 0, leftBytes: 0, goesOn: false }

  constructor (payloadBytesMax: number, sink: FrameSink) {
    this.#lengthMax = LENGTH_BASE + PREFIX_BYTES_MAX + payloadBytesMax
    this.#sink = sink
  }

  /** Gives each frame that is whole now to the sink. Throws EPROTO for a length that cannot be. */
  push (chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.byteLength) {
      const left = chunk.byteLength - at
      if (this.#pieced.leftBytes > 0) at += this.#goOn(chunk, at)
      else if (this.#partial !== undefined) at += this.#fill(this.#partial, chunk, at)
      else if (left < HEADER_BYTES) at += this.#hold(HEADER_BYTES, chunk, at)
      else {
        const needed = this.#frameBytes(chunk, at)
        if (needed <= left) {
          this.#deliver(chunk, at, at + needed)
          at += needed
        } else if (this.#begins(chunk, at, needed)) at += HEADER_BYTES
        else at += this.#hold(needed, chunk, at)
      }
    }
  }

  /** Returns how many bytes of `chunk` it took, as the next two do. */
  #hold (neededBytes: number, chunk: Uint8Array, at: number): number {
    this.#partial = new Uint8Array(neededBytes)
    this.#filledBytes = 0
    return this.#fill(this.#partial, chunk, at)
  }

  #fill (partial: Uint8Array, chunk: Uint8Array, at: number): number {
    const taken = Math.min(partial.byteLength - this.#filledBytes, chunk.byteLength - at)
    partial.set(chunk.subarray(at, at + taken), this.#filledBytes)
    this.#filledBytes += taken
    if (this.#filledBytes < partial.byteLength) return taken
    const needed = this.#frameBytes(partial, 0)
    this.#partial = undefined
    if (needed <= partial.byteLength) this.#deliver(partial, 0, needed)
    else if (!this.#begins(partial, 0, needed)) {
      this.#partial = new Uint8Array(needed)
      this.#partial.set(partial)
    }
    return taken
  }

  /** Whether the frame whose header stands at `at` is given in pieces; then its payload is what comes next. */
  #begins (bytes: Uint8Array, at: number, frameBytes: number): boolean {
    const [kind, id] = [bytes[at + 4] as number, readUint32(bytes, at + 5)]
    if (!this.#sink.takesPieces(kind, id)) return false
    this.#pieced = { kind, id, leftBytes: frameBytes - HEADER_BYTES, goesOn: false }
    return true
  }

  #goOn (chunk: Uint8Array, at: number): number {
    const { kind, id, leftBytes, goesOn } = this.#pieced
    const taken = Math.min(leftBytes, chunk.byteLength - at)
    if (taken < leftBytes && taken < PIECE_BYTES_MIN) return this.#holdRest(chunk, at)
    this.#pieced = { kind, id, leftBytes: leftBytes - taken, goesOn: true }
    this.#sink.frame(kind, id, chunk.subarray(at, at + taken), goesOn)
    return taken
  }

  /** What is left becomes a frame of its own. */
  #holdRest (chunk: Uint8Array, at: number): number {
    const { kind, id, leftBytes, goesOn } = this.#pieced
    const rest = new Uint8Array(HEADER_BYTES + leftBytes)
    writeUint32(rest, 0, LENGTH_BASE + leftBytes)
    rest[4] = kind
    writeUint32(rest, 5, id)
    this.#partial = rest
    this.#filledBytes = HEADER_BYTES
    this.#isRest = goesOn
    this.#pieced.leftBytes = 0
    return this.#fill(rest, chunk, at)
  }

  #frameBytes (bytes: Uint8Array, at: number): number {
    const length = readUint32(bytes, at)
    if (length >= LENGTH_BASE && length <= this.#lengthMax) return length + HEADER_BYTES - LENGTH_BASE
    throw new CloudError('EPROTO',
      `A frame says that it is ${length} bytes long; ${LENGTH_BASE} to ${this.#lengthMax} are allowed.`)
  }

  #deliver (bytes: Uint8Array, from: number, to: number): void {
    const [kind, id] = [bytes[from + 4] as number, readUint32(bytes, from + 5)]
    const goesOn = this.#isRest
    this.#isRest = false
    this.#sink.frame(kind, id, bytes.subarray(from + HEADER_BYTES, to), goesOn)
  }
}

import type { Pipe } from './pipe.ts'
import { HEADER_BYTES, LENGTH_BASE, writeUint32 } from './frames.ts'

const NOTHING = new Uint8Array(0)

/**
 * Frames are laid side by side in a slab; what is longer than COPIED_BYTES_MAX goes beside it, uncopied. Slabs grow
 * with use: most wires of a large cloud say little.
 */
const SLAB_BYTES_FIRST = 1024
const SLAB_BYTES_MAX = 64 * 1024
const COPIED_BYTES_MAX = 8 * 1024

/** Past this many bytes in one tick, senders wait, so that no frame stands behind more than this and one message. */
const FULL_BYTES = 256 * 1024

/** Frames on their way out: all of one tick in one write, and a queue of those who wait for room. */
export class Outbox {
  readonly #pipe: Pipe
  readonly #defer: (run: () => void) => void
  readonly #chunks: Uint8Array[] = []
  readonly #waiting: Array<() => void> = []
  #slab = new Uint8Array(SLAB_BYTES_FIRST)
  /** The part of the slab that is filled and not in `#chunks` yet. */
  #from = 0
  #to = 0
  #bytes = 0
  #blocked = false
  #scheduled = false

  constructor (pipe: Pipe, defer: (run: () => void) => void) {
    this.#pipe = pipe
    this.#defer = defer
  }

  /** Whether whoever can wait should. */
  get full (): boolean {
    return this.#blocked || this.#bytes >= FULL_BYTES
  }

  /** Bytes that the pipe has not taken yet. */
  get bytes (): number {
    return this.#bytes
  }

  /** Calls `sender` once there is room, in the order of asking. */
  whenRoom (sender: () => void): void {
    this.#waiting.push(sender)
  }

  /** Adds a frame; its payload is `prefix` and `payload` together. Takes it even when full: see `full`. */
  put (kind: number, id: number, payload: Uint8Array = NOTHING, prefix: Uint8Array = NOTHING): void {
    const size = prefix.byteLength + payload.byteLength
    const copied = HEADER_BYTES + prefix.byteLength + (payload.byteLength <= COPIED_BYTES_MAX ? payload.byteLength : 0)
    if (this.#to + copied > this.#slab.byteLength) this.#renewSlab(copied)
    const slab = this.#slab
    writeUint32(slab, this.#to, LENGTH_BASE + size)
    slab[this.#to + 4] = kind
    writeUint32(slab, this.#to + 5, id)
    if (prefix.byteLength > 0) slab.set(prefix, this.#to + HEADER_BYTES)
    if (payload.byteLength <= COPIED_BYTES_MAX) {
      slab.set(payload, this.#to + HEADER_BYTES + prefix.byteLength)
      this.#to += copied
    } else {
      this.#to += copied
      this.#closeChunk()
      this.#chunks.push(payload)
    }
    this.#bytes += HEADER_BYTES + size
    this.#schedule()
  }

  /** The pipe has room again. */
  drained (): void {
    this.#blocked = false
    this.flush()
    this.#admit()
  }

  /** Hands everything over now. */
  flush (): void {
    this.#closeChunk()
    if (this.#chunks.length === 0) return
    this.#bytes = 0
    if (!this.#pipe.write(this.#chunks.splice(0))) this.#blocked = true
  }

  #schedule (): void {
    if (this.#scheduled || this.#blocked) return
    this.#scheduled = true
    this.#defer(() => {
      this.#scheduled = false
      if (this.#blocked) return
      this.flush()
      this.#admit()
    })
  }

  #admit (): void {
    while (!this.full) {
      const sender = this.#waiting.shift()
      if (sender === undefined) return
      sender()
    }
  }

  #closeChunk (): void {
    if (this.#to > this.#from) this.#chunks.push(this.#slab.subarray(this.#from, this.#to))
    this.#from = this.#to
  }

  // A slab is never written twice: the pipe may still hold parts of it.
  #renewSlab (neededBytes: number): void {
    this.#closeChunk()
    this.#slab = new Uint8Array(Math.max(neededBytes, Math.min(SLAB_BYTES_MAX, this.#slab.byteLength * 2)))
    this.#from = 0
    this.#to = 0
  }
}

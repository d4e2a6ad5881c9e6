import { WasiFault } from './errno.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * A program's memory as its calls see it: every pointer is checked, and one that leads out of it is the program's fault
 * (`fault`). Numbers are little-endian.
 */
export class GuestMemory {
  readonly #memory: () => { readonly buffer: ArrayBuffer }
  #bytes = new Uint8Array(0)
  #view = new DataView(new ArrayBuffer(0))

  constructor (memory: () => { readonly buffer: ArrayBuffer }) {
    this.#memory = memory
  }

  /** Memory that grows is another buffer. */
  #look (): void {
    const { buffer } = this.#memory()
    if (buffer === this.#bytes.buffer) return
    this.#bytes = new Uint8Array(buffer)
    this.#view = new DataView(buffer)
  }

  /** A view, to be used before the program goes on. */
  bytes (pointer: number, length: number): Uint8Array {
    this.#look()
    const start = pointer >>> 0
    const end = start + (length >>> 0)
    if (end > this.#bytes.length) throw new WasiFault('fault')
    return this.#bytes.subarray(start, end)
  }

  #at (pointer: number, length: number): DataView {
    this.#look()
    if ((pointer >>> 0) + length > this.#bytes.length) throw new WasiFault('fault')
    return this.#view
  }

  /** Throws `inval` for what is not UTF-8 or holds a zero byte. */
  text (pointer: number, length: number): string {
    const bytes = this.bytes(pointer, length)
    if (bytes.includes(0)) throw new WasiFault('inval')
    try {
      return decoder.decode(bytes)
    } catch {
      throw new WasiFault('inval')
    }
  }

  /** What was written of `text`, which is cut where it is too long. */
  putText (pointer: number, text: string, lengthMax: number): number {
    const bytes = encoder.encode(text).subarray(0, lengthMax)
    this.bytes(pointer, bytes.length).set(bytes)
    return bytes.length
  }

  u8 (pointer: number): number {
    return this.#at(pointer, 1).getUint8(pointer >>> 0)
  }

  u16 (pointer: number): number {
    return this.#at(pointer, 2).getUint16(pointer >>> 0, true)
  }

  u32 (pointer: number): number {
    return this.#at(pointer, 4).getUint32(pointer >>> 0, true)
  }

  u64 (pointer: number): bigint {
    return this.#at(pointer, 8).getBigUint64(pointer >>> 0, true)
  }

  putU8 (pointer: number, value: number): void {
    this.#at(pointer, 1).setUint8(pointer >>> 0, value)
  }

  putU16 (pointer: number, value: number): void {
    this.#at(pointer, 2).setUint16(pointer >>> 0, value, true)
  }

  putU32 (pointer: number, value: number): void {
    this.#at(pointer, 4).setUint32(pointer >>> 0, value, true)
  }

  putU64 (pointer: number, value: bigint): void {
    this.#at(pointer, 8).setBigUint64(pointer >>> 0, value, true)
  }

  /** The pieces of an array of (pointer, length), all checked. */
  pieces (pointer: number, count: number): Uint8Array[] {
    const length = count >>> 0
    this.#at(pointer, length * 8)
    return Array.from({ length }, (_none, at) => {
      const place = (pointer >>> 0) + at * 8
      return this.bytes(this.u32(place), this.u32(place + 4))
    })
  }
}

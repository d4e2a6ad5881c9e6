// A name may begin with a byte order mark, which belongs to it.
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Reads the numbers and names of a module one after another; knows that the engine has found it valid. */
export class Reader {
  readonly bytes: Uint8Array
  at: number

  constructor (bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  byte (): number {
    return this.bytes[this.at++] as number
  }

  u32 (): number {
    let value = 0
    let shift = 0
    for (;;) {
      const byte = this.bytes[this.at++] as number
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
      shift += 7
    }
  }

  /** Signed, of up to 33 bits: types of blocks and i32 constants. */
  s33 (): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.bytes[this.at++] as number
      value += (byte & 0x7f) * scale
      scale *= 128
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale
    }
  }

  /** Passes over a number of any width. */
  skipNumber (): void {
    while ((this.bytes[this.at++] as number) >= 0x80) { /* its last byte has no high bit */ }
  }

  slice (length: number): Uint8Array {
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  name (): string {
    return UTF8.decode(this.slice(this.u32()))
  }

  /** As many as the number that comes first says. */
  list<T> (read: () => T): T[] {
    const count = this.u32()
    const items: T[] = []
    for (let at = 0; at < count; at++) items.push(read())
    return items
  }
}

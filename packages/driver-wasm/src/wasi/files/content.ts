import { WasiFault } from '../errno.ts'

/** As much of a file as is kept, hashed and carried at a time. */
export const CONTENT_PAGE_BYTES = 65_536
/** No file is longer, however little of it was written. */
export const CONTENT_BYTES_MAX = 2 ** 34

const FIRST_BYTES = 256

/**
 * The content of a file in pages, so that growing it costs only what is written, and what was never written costs
 * nothing. A page may be shorter than its part of the file: the rest is zeros.
 */
export class Content {
  readonly #pages = new Map<number, Uint8Array>()
  /** The hashes that are known of what pages hold now. */
  readonly #hashes = new Map<number, string>()
  readonly #onGrowth: (bytes: number) => void
  #sizeBytes = 0
  #revision = 0

  constructor (onGrowth: (bytes: number) => void) {
    this.#onGrowth = onGrowth
  }

  get sizeBytes (): number {
    return this.#sizeBytes
  }

  /** Another one after every change. */
  get revision (): number {
    return this.#revision
  }

  /** Bytes that are really kept. */
  get keptBytes (): number {
    return [...this.#pages.values()].reduce((sum, { length }) => sum + length, 0)
  }

  /** So many pages are whole; what follows is the tail. */
  get wholePages (): number {
    return Math.floor(this.#sizeBytes / CONTENT_PAGE_BYTES)
  }

  /** How many bytes were read. */
  read (at: number, into: Uint8Array): number {
    const length = Math.max(0, Math.min(into.length, this.#sizeBytes - at))
    for (let done = 0; done < length;) {
      const inPage = (at + done) % CONTENT_PAGE_BYTES
      const part = Math.min(CONTENT_PAGE_BYTES - inPage, length - done)
      const kept = this.#pages.get(Math.floor((at + done) / CONTENT_PAGE_BYTES))?.subarray(inPage, inPage + part)
      if (kept !== undefined) into.set(kept, done)
      into.fill(0, done + (kept?.length ?? 0), done + part)
      done += part
    }
    return length
  }

  /** Throws `fbig`. */
  write (at: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return
    if (at + bytes.length > CONTENT_BYTES_MAX) throw new WasiFault('fbig')
    this.#revision++
    for (let done = 0; done < bytes.length;) {
      const number = Math.floor((at + done) / CONTENT_PAGE_BYTES)
      const inPage = (at + done) % CONTENT_PAGE_BYTES
      const part = bytes.subarray(done, done + CONTENT_PAGE_BYTES - inPage)
      this.#room(number, inPage + part.length).set(part, inPage)
      this.#hashes.delete(number)
      done += part.length
    }
    this.#sizeBytes = Math.max(this.#sizeBytes, at + bytes.length)
  }

  /** Throws `fbig`. */
  resize (sizeBytes: number): void {
    if (sizeBytes > CONTENT_BYTES_MAX) throw new WasiFault('fbig')
    this.#revision++
    const isCut = sizeBytes < this.#sizeBytes
    this.#sizeBytes = sizeBytes
    if (!isCut) return
    const count = Math.ceil(sizeBytes / CONTENT_PAGE_BYTES)
    for (const number of this.#pages.keys()) if (number >= count) this.#pages.delete(number)
    for (const number of this.#hashes.keys()) if (number >= this.wholePages) this.#hashes.delete(number)
    this.#pages.get(count - 1)?.fill(0, sizeBytes - (count - 1) * CONTENT_PAGE_BYTES)
  }

  /** What is kept of a page; undefined: nothing but zeros. */
  page (number: number): Uint8Array | undefined {
    return this.#pages.get(number)
  }

  /** Takes over a page of another content, which is of no use any more. */
  adopt (number: number, page: Uint8Array): void {
    this.#onGrowth(page.length - (this.#pages.get(number)?.length ?? 0))
    this.#pages.set(number, page)
    this.#hashes.delete(number)
  }

  hash (number: number): string | undefined {
    return this.#hashes.get(number)
  }

  noteHash (number: number, hash: string): void {
    this.#hashes.set(number, hash)
  }

  #room (number: number, neededBytes: number): Uint8Array {
    const page = this.#pages.get(number)
    if (page !== undefined && page.length >= neededBytes) return page
    const sizeBytes = Math.min(CONTENT_PAGE_BYTES, Math.max(FIRST_BYTES, neededBytes, 2 * (page?.length ?? 0)))
    const grown = new Uint8Array(sizeBytes)
    if (page !== undefined) grown.set(page)
    this.#pages.set(number, grown)
    this.#onGrowth(sizeBytes - (page?.length ?? 0))
    return grown
  }
}

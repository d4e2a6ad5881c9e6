import { createHash } from 'node:crypto'
import { PAGE_BYTES, type BlobId } from '@welkin/interface'

const REMEMBERED_MAX = 10_000

/** What of its memory a program writes to. */
export interface MemoryUse {
  memoryBytes: number
  /** Written a second while it runs, page by page and round again. */
  dirtyBytesPerSecond: number
}

/** Hashes of pages that were made before, so that each is computed once. */
const hashes = new Map<string, BlobId>()

/**
 * The pages of a process that has run for so long: a quarter of them was written at its beginning, the rest is zeros
 * until it is written. What stands in a page tells which, of which object, and how often it was written.
 */
export class ModelledMemory {
  readonly #id: string
  readonly #count: number
  readonly #written: number
  /** By hash, of the last look. */
  #contents = new Map<BlobId, string>()

  constructor (id: string, { memoryBytes, dirtyBytesPerSecond }: MemoryUse, ranMs: number) {
    this.#id = id
    this.#count = Math.max(1, Math.ceil(memoryBytes / PAGE_BYTES))
    this.#written = Math.floor(ranMs * dirtyBytesPerSecond / 1000 / PAGE_BYTES)
  }

  pages (): Array<BlobId | ''> {
    return Array.from({ length: this.#count }, (_none, page) => {
      const versions = Math.ceil((this.#written - page) / this.#count) + (page < this.#count / 4 ? 1 : 0)
      if (versions <= 0) return ''
      const text = `page ${page} of ${this.#id}, version ${versions}`
      const hash = hashOf(text)
      this.#contents.set(hash, text)
      return hash
    })
  }

  /** The content of a page that `pages` has named. */
  read (page: BlobId): Uint8Array | undefined {
    const text = this.#contents.get(page)
    return text === undefined ? undefined : contentOf(text)
  }
}

function contentOf (text: string): Uint8Array {
  const content = new Uint8Array(PAGE_BYTES)
  content.set(new TextEncoder().encode(text))
  return content
}

function hashOf (text: string): BlobId {
  const known = hashes.get(text)
  if (known !== undefined) return known
  if (hashes.size >= REMEMBERED_MAX) hashes.clear()
  const hash = createHash('sha256').update(contentOf(text)).digest('hex')
  hashes.set(text, hash)
  return hash
}

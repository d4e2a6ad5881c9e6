import type { BlobId } from '@welkin/interface'
import type { FileNode } from '../wasi/files/nodes.ts'
import { PAGE_BYTES } from './page-bytes.ts'

/** SHA-256 in hexadecimal. */
export type Hash = (bytes: Uint8Array) => BlobId

const ZEROS = new Uint8Array(PAGE_BYTES)

/** The pages of a state, in views of what they are pages of, or short where only zeros follow. */
export class Pages {
  readonly #memory: Uint8Array
  readonly #filePages: Array<{ file: FileNode, number: number }>
  readonly #body: Uint8Array

  /** What is given must not change as long as pages are read. */
  constructor (memory: Uint8Array, files: readonly FileNode[], body: Uint8Array) {
    this.#memory = memory
    this.#filePages = files.flatMap(file => {
      return Array.from({ length: file.content.wholePages }, (_none, number) => ({ file, number }))
    })
    this.#body = body
  }

  get memoryPages (): number {
    return this.#memory.length / PAGE_BYTES
  }

  get filePages (): number {
    return this.#filePages.length
  }

  get count (): number {
    return this.memoryPages + this.filePages + Math.ceil(this.#body.length / PAGE_BYTES)
  }

  at (place: number): Uint8Array {
    const inFiles = place - this.memoryPages
    if (inFiles < 0) return this.#memory.subarray(place * PAGE_BYTES, (place + 1) * PAGE_BYTES)
    const found = this.#filePages[inFiles]
    if (found !== undefined) return found.file.content.page(found.number) ?? ZEROS
    const start = (inFiles - this.filePages) * PAGE_BYTES
    return this.#body.subarray(start, start + PAGE_BYTES)
  }

  /** Their names; `knownName` knows some of them, and those of files' pages that have not changed are known here. */
  names (
    hash: Hash, isZero: (bytes: Uint8Array) => boolean, knownName: (place: number) => BlobId | undefined
  ): Array<BlobId | ''> {
    return Array.from({ length: this.count }, (_none, place) => {
      const found = this.#filePages[place - this.memoryPages]
      const known = found === undefined ? knownName(place) : found.file.content.hash(found.number)
      if (known !== undefined) return known
      const page = this.at(place)
      const name = isZero(page) ? '' : hash(wholeOf(page))
      found?.file.content.noteHash(found.number, name)
      return name
    })
  }
}

/** With the zeros that it goes on with. */
export function wholeOf (page: Uint8Array): Uint8Array {
  if (page.length === PAGE_BYTES) return page
  const whole = new Uint8Array(PAGE_BYTES)
  whole.set(page)
  return whole
}

/** What of each file is no whole page. */
export function tailsOf (files: readonly FileNode[]): Uint8Array[] {
  return files.map(({ content }) => {
    const start = content.wholePages * PAGE_BYTES
    const tail = new Uint8Array(content.sizeBytes - start)
    content.read(start, tail)
    return tail
  })
}

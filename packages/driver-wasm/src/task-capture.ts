import { CloudError, PAGE_BYTES, type BlobId, type OutputPosition, type TaskCapture } from '@welkin/interface'
import { WINDOW_PAGES } from './worker/control.ts'
import type { Captured } from './worker/protocol.ts'

/** Asks a program that stands still for pages from this place on; false: it does not stand there any more. */
export type AskForPages = (place: number) => boolean

/** A state of a task, whose pages are those that were copied or, where it stands still, those that it has. */
export class WorkerCapture implements TaskCapture {
  readonly header: Uint8Array
  readonly pages: ReadonlyArray<BlobId | ''>
  readonly output: OutputPosition
  readonly #window: Uint8Array | undefined
  readonly #ask: AskForPages
  /** Copies of pages, those among them that an earlier state has had already. */
  #contents: ReadonlyMap<BlobId, Uint8Array>
  #places: Map<BlobId | '', number> | undefined
  #windowFrom = Infinity
  #isReleased = false

  constructor (
    { header, pages, changed, window }: Captured, output: OutputPosition, previous: WorkerCapture | undefined,
    ask: AskForPages
  ) {
    this.header = header
    this.pages = pages
    this.output = output
    const contents = new Map(changed)
    const before = previous === undefined ? new Map<BlobId, Uint8Array>() : previous.#contents
    for (const page of pages) {
      const known = page === '' ? undefined : before.get(page)
      if (known !== undefined) contents.set(page, known)
    }
    this.#contents = contents
    this.#window = window
    this.#ask = ask
  }

  /** Whether all its pages are copied, so that the next state needs only those that it does not have. */
  get isComplete (): boolean {
    return !this.#isReleased && this.pages.every(page => page === '' || this.#contents.has(page))
  }

  /** May be called apart from the capture. */
  readonly read = (page: BlobId): Uint8Array => {
    if (this.#isReleased) throw new CloudError('ENOENT', 'Another state has taken the place of this one.')
    const content = this.#contents.get(page) ?? this.#readThere(page)
    if (content === undefined) throw new CloudError('ENOENT', `${page} is no page of this state.`)
    return content
  }

  release (): void {
    this.#isReleased = true
    this.#contents = new Map()
  }

  #readThere (page: BlobId): Uint8Array | undefined {
    if (this.#window === undefined) return undefined
    this.#places ??= new Map(this.pages.map((name, place) => [name, place]))
    const place = this.#places.get(page)
    if (place === undefined) return undefined
    if (place < this.#windowFrom || place >= this.#windowFrom + WINDOW_PAGES) {
      this.#windowFrom = this.#ask(place) ? place : Infinity
      if (this.#windowFrom !== place) return undefined
    }
    const at = (place - this.#windowFrom) * PAGE_BYTES
    return this.#window.slice(at, at + PAGE_BYTES)
  }
}

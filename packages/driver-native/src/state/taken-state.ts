import { createHash, randomUUID } from 'node:crypto'
import { readSync } from 'node:fs'
import { mkdir, open, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { CloudError, PAGE_BYTES, type BlobId, type OutputPosition, type TaskCapture } from '@welkin/interface'
import { asCloudError } from '@welkin/platform-node/faults'
import { writeHeader } from './header.ts'

const ZEROS = Buffer.alloc(PAGE_BYTES)

/** A copy of what a program gave, in a file that has no name any more. */
export class TakenState implements TaskCapture {
  readonly header: Uint8Array
  readonly pages: ReadonlyArray<BlobId | ''>
  readonly output: OutputPosition
  readonly #file: FileHandle
  readonly #places: ReadonlyMap<BlobId | '', number>
  #isReleased = false

  /** Rejects as `content` does, ENOSPC, EIO, with nothing left. */
  static async of (content: AsyncIterable<Uint8Array>, directory: string, output: OutputPosition): Promise<TakenState> {
    const file = await openNameless(directory)
    try {
      const pages: Array<BlobId | ''> = []
      const whole = createHash('sha256')
      let bytes = 0
      for await (const page of inPages(content)) {
        whole.update(page)
        bytes += page.byteLength
        const padded = Buffer.concat([page, ZEROS.subarray(page.byteLength)])
        pages.push(padded.equals(ZEROS) ? '' : createHash('sha256').update(padded).digest('hex'))
        await file.appendFile(padded)
      }
      return new TakenState(file, writeHeader({ bytes, sha256: whole.digest('hex') }), pages, output)
    } catch (error) {
      await file.close()
      throw asCloudError(error, 'The state of the program could not be kept')
    }
  }

  private constructor (
    file: FileHandle, header: Uint8Array, pages: ReadonlyArray<BlobId | ''>, output: OutputPosition
  ) {
    this.#file = file
    this.header = header
    this.pages = pages
    this.output = output
    this.#places = new Map(pages.map((page, place) => [page, place]))
  }

  /** May be called apart from the capture. */
  readonly read = (page: BlobId): Uint8Array => {
    const place = this.#places.get(page)
    if (this.#isReleased) throw new CloudError('ENOENT', 'Another state has taken the place of this one.')
    if (place === undefined) throw new CloudError('ENOENT', `${page} is no page of this state.`)
    const bytes = Buffer.alloc(PAGE_BYTES)
    readSync(this.#file.fd, bytes, 0, PAGE_BYTES, place * PAGE_BYTES)
    return bytes
  }

  release (): void {
    if (this.#isReleased) return
    this.#isReleased = true
    void this.#file.close()
  }
}

async function openNameless (directory: string): Promise<FileHandle> {
  const path = join(directory, randomUUID())
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const file = await open(path, 'wx+', 0o600)
    await unlink(path)
    return file
  } catch (error) {
    throw asCloudError(error, 'The state of the program could not be kept')
  }
}

/** In pieces of a page each, of which the last may be short. */
async function * inPages (content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array()
  for await (const piece of content) {
    const bytes = rest.byteLength === 0 ? piece : Buffer.concat([rest, piece])
    const wholeBytes = bytes.byteLength - bytes.byteLength % PAGE_BYTES
    for (let at = 0; at < wholeBytes; at += PAGE_BYTES) yield bytes.subarray(at, at + PAGE_BYTES)
    rest = bytes.slice(wholeBytes)
  }
  if (rest.byteLength > 0) yield rest
}

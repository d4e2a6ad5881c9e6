import type { BlobId, Blobs, Cancel, OutputChunk, OutputPosition, TaskOutput } from '@welkin/interface'
import { collectBytes } from '@welkin/async'
import type { EarlierPiece, ObjectRecord } from '../../residents.ts'

const NOWHERE: OutputPosition = { stdout: 0, stderr: 0 }

/** What an object has written: what it wrote on other nodes, from blobs, then what it writes here. */
export class WholeOutput implements TaskOutput {
  readonly #earlier: ReadonlyArray<Omit<EarlierPiece, 'blob'> & (Pick<EarlierPiece, 'blob'> | { bytes: Uint8Array })>
  readonly #base: OutputPosition
  readonly #own: TaskOutput
  readonly #blobs: Blobs

  constructor (
    { earlier = [], outputBase = NOWHERE, tail = [] }: Pick<ObjectRecord, 'earlier' | 'outputBase' | 'tail'>,
    own: TaskOutput, blobs: Blobs
  ) {
    this.#earlier = [...earlier, ...tail.map(chunk => ({ ...chunk, sizeBytes: chunk.bytes.byteLength }))]
    this.#base = outputBase
    this.#own = own
    this.#blobs = blobs
  }

  async read (from: OutputPosition, bytesMax: number): Promise<OutputChunk[]> {
    const chunks: OutputChunk[] = []
    const position = { ...from }
    let left = bytesMax
    for (const piece of this.#earlier) {
      const { stream, offset, sizeBytes } = piece
      const skip = Math.max(0, position[stream] - offset)
      const length = Math.min(sizeBytes - skip, left)
      if (length <= 0) continue
      const bytes = 'bytes' in piece
        ? piece.bytes.subarray(skip, skip + length)
        : await this.#readBlob(piece.blob, skip, length)
      chunks.push({ stream, offset: offset + skip, bytes })
      position[stream] = offset + skip + length
      left -= length
    }
    // What comes next of a stream may only follow on all that came before.
    if (left <= 0) return chunks
    const { stdout, stderr } = this.#base
    const inOwn = { stdout: Math.max(0, position.stdout - stdout), stderr: Math.max(0, position.stderr - stderr) }
    const own = await this.#own.read(inOwn, left)
    return [...chunks, ...own.map(chunk => ({ ...chunk, offset: chunk.offset + this.#base[chunk.stream] }))]
  }

  async size (): Promise<OutputPosition> {
    const own = await this.#own.size()
    const endOf = (stream: keyof OutputPosition): number => this.#earlier
      .filter(piece => piece.stream === stream)
      .reduce((end, { offset, sizeBytes }) => Math.max(end, offset + sizeBytes), own[stream] + this.#base[stream])
    return { stdout: endOf('stdout'), stderr: endOf('stderr') }
  }

  async #readBlob (blob: BlobId, from: number, length: number): Promise<Uint8Array> {
    await this.#blobs.fetch(blob)
    return await collectBytes(this.#blobs.read(blob, { from, length }))
  }

  watch (watcher: () => void): Cancel {
    return this.#own.watch(watcher)
  }
}

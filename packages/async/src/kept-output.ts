import type { Cancel, OutputChunk, OutputPosition, OutputStream, TaskOutput } from '@welkin/interface'

const BLOCK_BYTES = 64 * 1024
const FIRST_BLOCK_BYTES = 256

/** What a task wrote, in memory: at most the last `bytesMax` bytes of each stream, dropped by blocks as in rotation. */
export class KeptOutput implements TaskOutput {
  readonly #streams: Record<OutputStream, KeptStream>
  readonly #watchers = new Set<() => void>()

  /** `bytesMax`: at least 64 KiB. */
  constructor (bytesMax = 1 << 20) {
    this.#streams = { stdout: new KeptStream(bytesMax), stderr: new KeptStream(bytesMax) }
  }

  /** Copies the bytes. */
  write (stream: OutputStream, bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return
    this.#streams[stream].append(bytes)
    for (const watcher of this.#watchers) watcher()
  }

  /** What was written so far is forgotten: what comes stands from there on. */
  moveTo ({ stdout, stderr }: OutputPosition): void {
    this.#streams.stdout.moveTo(stdout)
    this.#streams.stderr.moveTo(stderr)
  }

  async read (from: OutputPosition, bytesMax: number): Promise<OutputChunk[]> {
    const chunks: OutputChunk[] = []
    let left = bytesMax
    for (const stream of ['stdout', 'stderr'] as const) {
      for (const { offset, bytes } of this.#streams[stream].read(from[stream], left)) {
        left -= bytes.byteLength
        chunks.push({ stream, offset, bytes })
      }
    }
    return chunks
  }

  /** Where the streams end now. */
  get end (): OutputPosition {
    return { stdout: this.#streams.stdout.end, stderr: this.#streams.stderr.end }
  }

  async size (): Promise<OutputPosition> {
    return this.end
  }

  watch (watcher: () => void): Cancel {
    this.#watchers.add(watcher)
    return () => { this.#watchers.delete(watcher) }
  }
}

/** One stream in blocks, so that neither many small writes nor few large ones cost more than their bytes. */
class KeptStream {
  readonly #bytesMax: number
  /** All full but the last, which grows, so that who writes little takes little. */
  readonly #blocks: Uint8Array[] = []
  /** Where the first block stands in the whole. */
  #offset = 0
  #end = 0

  constructor (bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get end (): number {
    return this.#end
  }

  moveTo (offset: number): void {
    this.#blocks.length = 0
    this.#offset = this.#end = offset
  }

  append (bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength;) {
      const used = (this.#end - this.#offset) % BLOCK_BYTES
      const part = bytes.subarray(at, at + BLOCK_BYTES - used)
      this.#lastBlock(used, used + part.byteLength).set(part, used)
      at += part.byteLength
      this.#end += part.byteLength
      while (this.#end - this.#offset > this.#bytesMax) {
        this.#blocks.shift()
        this.#offset += BLOCK_BYTES
      }
    }
  }

  /** Up to `bytesMax` from `from` on, or from the oldest that is kept. */
  * read (from: number, bytesMax: number): Generator<{ offset: number, bytes: Uint8Array }> {
    const start = Math.max(from, this.#offset)
    const end = Math.min(this.#end, start + bytesMax)
    for (let at = start; at < end;) {
      const place = at - this.#offset
      const block = this.#blocks[Math.floor(place / BLOCK_BYTES)] as Uint8Array
      const inBlock = place % BLOCK_BYTES
      const bytes = block.slice(inBlock, Math.min(BLOCK_BYTES, inBlock + end - at))
      yield { offset: at, bytes }
      at += bytes.byteLength
    }
  }

  /** The block that the next bytes go to, of which `used` are taken, with room for `neededBytes` in all. */
  #lastBlock (used: number, neededBytes: number): Uint8Array {
    if (used === 0) this.#blocks.push(new Uint8Array(0))
    const last = this.#blocks.at(-1) as Uint8Array
    if (last.byteLength >= neededBytes) return last
    const sizeBytes = Math.min(BLOCK_BYTES, Math.max(FIRST_BLOCK_BYTES, neededBytes, 2 * last.byteLength))
    const grown = new Uint8Array(sizeBytes)
    grown.set(last)
    this.#blocks[this.#blocks.length - 1] = grown
    return grown
  }
}

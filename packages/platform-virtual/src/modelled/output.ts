import type { Cancel, OutputChunk, OutputPosition, OutputStream, TaskOutput } from '@welkin/interface'

/** What is kept of each stream; older bytes are dropped, as rotation does. */
const KEPT_BYTES_MAX = 1024 * 1024

/** One stream: the pieces that are kept, and where the first of them stands in the whole. */
class KeptStream {
  readonly #pieces: Uint8Array[] = []
  #offset = 0
  #end = 0

  get end (): number {
    return this.#end
  }

  append (bytes: Uint8Array): void {
    this.#pieces.push(bytes)
    this.#end += bytes.byteLength
    while (this.#end - this.#offset > KEPT_BYTES_MAX && this.#pieces.length > 1) {
      this.#offset += (this.#pieces.shift() as Uint8Array).byteLength
    }
  }

  /** Up to `bytesMax` from `from` on, or from the oldest that is kept. */
  * read (stream: OutputStream, from: number, bytesMax: number): Generator<OutputChunk> {
    let at = this.#offset
    let left = bytesMax
    for (const piece of this.#pieces) {
      const skip = Math.max(0, from - at)
      const bytes = piece.slice(skip, skip + left)
      if (bytes.byteLength > 0) yield { stream, offset: at + skip, bytes }
      left -= bytes.byteLength
      at += piece.byteLength
    }
  }
}

/** All that a modelled object has written. */
export class KeptOutput implements TaskOutput {
  readonly #streams = { stdout: new KeptStream(), stderr: new KeptStream() }
  readonly #watchers = new Set<() => void>()

  append (stream: OutputStream, bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return
    this.#streams[stream].append(bytes)
    for (const watcher of this.#watchers) watcher()
  }

  async read (from: OutputPosition, bytesMax: number): Promise<OutputChunk[]> {
    const chunks = [...this.#streams.stdout.read('stdout', from.stdout, bytesMax)]
    const read = chunks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
    return [...chunks, ...this.#streams.stderr.read('stderr', from.stderr, bytesMax - read)]
  }

  async size (): Promise<OutputPosition> {
    return { stdout: this.#streams.stdout.end, stderr: this.#streams.stderr.end }
  }

  watch (watcher: () => void): Cancel {
    this.#watchers.add(watcher)
    return () => { this.#watchers.delete(watcher) }
  }
}

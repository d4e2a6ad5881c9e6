import type { Cancel, OutputChunk, OutputPosition, OutputStream, TaskOutput } from '@welkin/interface'

interface Kept { bytes: Uint8Array, offset: number }

/** What a module wrote, the last `bytesMax` bytes of each stream, in memory. */
export class KeptOutput implements TaskOutput {
  readonly #bytesMax: number
  readonly #streams: Record<OutputStream, Kept[]> = { stdout: [], stderr: [] }
  readonly #ends: OutputPosition = { stdout: 0, stderr: 0 }
  readonly #watchers = new Set<() => void>()

  constructor (bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  write (stream: OutputStream, text: string | Uint8Array): void {
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text.slice()
    if (bytes.byteLength === 0) return
    const kept = this.#streams[stream]
    kept.push({ bytes, offset: this.#ends[stream] })
    this.#ends[stream] += bytes.byteLength
    while (kept.length > 1 && this.#ends[stream] - (kept[1] as Kept).offset >= this.#bytesMax) kept.shift()
    for (const watcher of this.#watchers) watcher()
  }

  async read (from: OutputPosition, bytesMax: number): Promise<OutputChunk[]> {
    const chunks: OutputChunk[] = []
    let left = bytesMax
    for (const stream of ['stdout', 'stderr'] as const) {
      for (const { bytes, offset } of this.#streams[stream]) {
        if (offset + bytes.byteLength <= from[stream] || left === 0) continue
        const start = Math.max(0, from[stream] - offset)
        const part = bytes.subarray(start, start + left)
        left -= part.byteLength
        chunks.push({ stream, offset: offset + start, bytes: part })
      }
    }
    return chunks
  }

  async size (): Promise<OutputPosition> {
    return { ...this.#ends }
  }

  watch (watcher: () => void): Cancel {
    this.#watchers.add(watcher)
    return () => { this.#watchers.delete(watcher) }
  }
}

import { open, readdir, stat } from 'node:fs/promises'
import type { Cancel, OutputChunk, OutputPosition, OutputStream, TaskOutput } from '@welkin/interface'
import { systemCode } from '@welkin/platform-node/faults'
import { segmentsAmong, type Segment } from './layout.ts'

/** A segment, with as much as it holds now. */
interface Extent extends Segment { end: number }

/** Output as it stands in the segments of a task's directory. */
export class SegmentOutput implements TaskOutput {
  readonly #directory: string
  readonly #watch: (watcher: () => void) => Cancel

  constructor (directory: string, watch: (watcher: () => void) => Cancel) {
    this.#directory = directory
    this.#watch = watch
  }

  // Neither stream can keep the other from being read: each has half, and what the other leaves.
  async read (from: OutputPosition, bytesMax: number): Promise<OutputChunk[]> {
    const names = await this.#names()
    const stdout = await this.#extents(names, 'stdout')
    const stderr = await this.#extents(names, 'stderr')
    const half = Math.ceil(bytesMax / 2)
    const stdoutMax = Math.max(half, bytesMax - bytesAfter(stderr, from.stderr))
    const first = await readExtents(stdout, from.stdout, stdoutMax)
    const readBytes = first.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
    return [...first, ...await readExtents(stderr, from.stderr, bytesMax - readBytes)]
  }

  async size (): Promise<OutputPosition> {
    const names = await this.#names()
    const [stdout, stderr] = await Promise.all([this.#extents(names, 'stdout'), this.#extents(names, 'stderr')])
    return { stdout: stdout.at(-1)?.end ?? 0, stderr: stderr.at(-1)?.end ?? 0 }
  }

  watch (watcher: () => void): Cancel {
    return this.#watch(watcher)
  }

  async #names (): Promise<string[]> {
    return await unlessGone(readdir(this.#directory)) ?? []
  }

  async #extents (names: readonly string[], stream: OutputStream): Promise<Extent[]> {
    const segments = segmentsAmong(names, this.#directory, stream)
    const newest = segments.at(-1)
    if (newest === undefined) return []
    const size = (await unlessGone(stat(newest.path)))?.size ?? 0
    return segments.map((segment, i) => ({ ...segment, end: segments[i + 1]?.offset ?? newest.offset + size }))
  }
}

function bytesAfter (extents: readonly Extent[], from: number): number {
  const first = extents[0]
  const last = extents.at(-1)
  return first === undefined || last === undefined ? 0 : Math.max(0, last.end - Math.max(from, first.offset))
}

async function readExtents (extents: readonly Extent[], from: number, bytesMax: number): Promise<OutputChunk[]> {
  const chunks: OutputChunk[] = []
  let left = bytesMax
  for (const { stream, offset, end, path } of extents) {
    const start = Math.max(from, offset)
    if (start >= end || left <= 0) continue
    const bytes = await readPart(path, start - offset, Math.min(left, end - start))
    if (bytes === undefined) continue // rotation dropped it meanwhile
    chunks.push({ stream, offset: start, bytes })
    left -= bytes.byteLength
  }
  return chunks
}

async function readPart (path: string, position: number, length: number): Promise<Uint8Array | undefined> {
  const file = await unlessGone(open(path, 'r'))
  if (file === undefined) return undefined
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function unlessGone<T> (result: Promise<T>): Promise<T | undefined> {
  try {
    return await result
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

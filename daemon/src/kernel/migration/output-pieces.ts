import type { Blobs, OutputChunk, OutputPosition, TaskOutput } from '@welkin/interface'
import type { EarlierPiece } from '../../residents.ts'

const READ_BYTES_MAX = 1 << 20
/** More than that at the end of what an object wrote goes as blobs; less stands in its record. */
const TAIL_BYTES_MAX = 1 << 16

/** What was written since these pieces, up to `end`, as blobs. Rejects ENOSPC, EIO. */
export async function piecesSince (
  earlier: readonly EarlierPiece[], output: TaskOutput, blobs: Blobs, end: OutputPosition
): Promise<EarlierPiece[]> {
  const pieces: EarlierPiece[] = []
  for await (const { stream, offset, bytes } of chunksSince(earlier, output, end)) {
    const { blob, sizeBytes } = await blobs.put((async function * () { yield bytes })())
    pieces.push({ stream, offset, sizeBytes, blob })
  }
  return pieces
}

/** What was written since these pieces, up to `end`, where it is not much; else undefined. */
export async function tailSince (
  earlier: readonly EarlierPiece[], output: TaskOutput, end: OutputPosition
): Promise<OutputChunk[] | undefined> {
  const tail: OutputChunk[] = []
  let sizeBytes = 0
  for await (const chunk of chunksSince(earlier, output, end)) {
    sizeBytes += chunk.bytes.byteLength
    if (sizeBytes > TAIL_BYTES_MAX) return undefined
    tail.push(chunk)
  }
  return tail
}

async function * chunksSince (
  earlier: readonly EarlierPiece[], output: TaskOutput, until: OutputPosition
): AsyncGenerator<OutputChunk> {
  const position = { stdout: 0, stderr: 0 }
  for (const { stream, offset, sizeBytes } of earlier) position[stream] = Math.max(position[stream], offset + sizeBytes)
  while (position.stdout < until.stdout || position.stderr < until.stderr) {
    const chunks = await output.read(position, READ_BYTES_MAX)
    if (chunks.length === 0) return
    for (const { stream, offset, bytes } of chunks) {
      const wanted = bytes.subarray(0, Math.max(0, until[stream] - offset))
      position[stream] = offset + bytes.byteLength
      if (wanted.byteLength > 0) yield { stream, offset, bytes: wanted }
    }
  }
}

import type { Blobs, OutputPosition, TaskOutput } from '@welkin/interface'
import type { EarlierPiece } from '../../residents.ts'

const READ_BYTES_MAX = 1 << 20

/** What was written since these pieces, up to `end` (default: all), as blobs. Rejects ENOSPC, EIO. */
export async function piecesSince (
  earlier: readonly EarlierPiece[], output: TaskOutput, blobs: Blobs, end?: OutputPosition
): Promise<EarlierPiece[]> {
  const until = end ?? await output.size()
  const position = { stdout: 0, stderr: 0 }
  for (const { stream, offset, sizeBytes } of earlier) position[stream] = Math.max(position[stream], offset + sizeBytes)
  const pieces: EarlierPiece[] = []
  while (position.stdout < until.stdout || position.stderr < until.stderr) {
    const chunks = await output.read(position, READ_BYTES_MAX)
    if (chunks.length === 0) break
    for (const { stream, offset, bytes } of chunks) {
      const wanted = bytes.subarray(0, Math.max(0, until[stream] - offset))
      position[stream] = offset + bytes.byteLength
      if (wanted.byteLength === 0) continue
      const { blob, sizeBytes } = await blobs.put((async function * () { yield wanted })())
      pieces.push({ stream, offset, sizeBytes, blob })
    }
  }
  return pieces
}

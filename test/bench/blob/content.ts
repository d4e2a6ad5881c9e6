import { randomBytes } from 'node:crypto'

const PIECE_BYTES = 256 * 1024

/** So many bytes, no two pieces alike. */
export async function * content (bytes: number): AsyncGenerator<Uint8Array> {
  const noise = randomBytes(PIECE_BYTES)
  for (let at = 0; at < bytes; at += PIECE_BYTES) {
    const piece = Buffer.from(noise.subarray(0, Math.min(PIECE_BYTES, bytes - at)))
    piece.writeDoubleBE(at)
    yield piece
  }
}

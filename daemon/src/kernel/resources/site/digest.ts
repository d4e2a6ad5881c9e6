import { HANDLE_BYTES, type Handle } from '../statements/handle.ts'
import { wordIn } from '../statements/word.ts'

/** What one node has of another, in short: `mark` changes with each of its statements. */
export interface DigestEntry { handle: Handle, mark: number }

const MARK_BYTES = 4
const ENTRY_BYTES = HANDLE_BYTES + MARK_BYTES

/** A mark of the latest statements of a node: from their signatures, which are as good as drawn by chance. */
export function markOf (facts: Uint8Array, vitals: Uint8Array): number {
  return (wordIn(facts) ^ wordIn(vitals)) >>> 0
}

/** A part of a table in short, so that two can be compared: 10 bytes a node. */
export function packDigest (entries: readonly DigestEntry[]): Uint8Array {
  const bytes = new Uint8Array(entries.length * ENTRY_BYTES)
  const view = new DataView(bytes.buffer)
  for (const [index, { handle, mark }] of entries.entries()) {
    const at = index * ENTRY_BYTES
    view.setUint16(at, Math.floor(handle / 2 ** 32))
    view.setUint32(at + 2, handle % 2 ** 32)
    view.setUint32(at + HANDLE_BYTES, mark)
  }
  return bytes
}

/** Undefined for what is no digest. */
export function unpackDigest (bytes: Uint8Array): DigestEntry[] | undefined {
  if (bytes.byteLength % ENTRY_BYTES !== 0) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.byteLength / ENTRY_BYTES }, (_, index) => {
    const at = index * ENTRY_BYTES
    return {
      handle: view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2),
      mark: view.getUint32(at + HANDLE_BYTES)
    }
  })
}

import { createHash } from 'node:crypto'
import type { BlobId } from '@welkin/interface'
import { PAGE_BYTES } from '../state/page-bytes.ts'

const ZEROS = Buffer.alloc(PAGE_BYTES)

export function sha256 (bytes: Uint8Array | string): BlobId {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Compares as fast as memory is read. */
export function isZero (bytes: Uint8Array): boolean {
  return ZEROS.compare(bytes, 0, bytes.length, 0, bytes.length) === 0
}

/** Likewise. */
export function isSame (one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}

/** What keeps the pages of a state together. */
export function digestOf (pages: ReadonlyArray<BlobId | ''>): string {
  return sha256(pages.join('\n'))
}

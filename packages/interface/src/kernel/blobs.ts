import type { AbortOptions } from '../abort.ts'
import type { BlobId, NodeId } from '../ids.ts'

export interface BlobInfo { blob: BlobId, sizeBytes: number }

/** Immutable bytes by the SHA-256 of their content. */
export interface Blobs {
  /** Resolves when durable here. `expected`: rejects EIO and keeps nothing if the content has another hash. */
  put (
    content: AsyncIterable<Uint8Array>, options?: AbortOptions & { expected?: BlobId | undefined }
  ): Promise<BlobInfo>
  /** Has it here; undefined: no. */
  has (blob: BlobId): Promise<BlobInfo | undefined>
  /** Brings the blob here from whichever node has it, verified. Rejects ENOENT when nobody who answers has it. */
  fetch (blob: BlobId, options?: AbortOptions): Promise<BlobInfo>
  /** Rejects ENOENT when it is not here. */
  read (blob: BlobId, range?: { from?: number, length?: number | undefined }): AsyncIterable<Uint8Array>
  /** Where a process of this machine reads it. */
  localPath (blob: BlobId): string | undefined
  /** Who has it, asked of everyone known. */
  holders (blob: BlobId, options?: AbortOptions): Promise<NodeId[]>
  /** Removes the copy that is here. */
  remove (blob: BlobId): Promise<void>
}

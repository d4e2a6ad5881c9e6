import type { AbortOptions } from '../abort.ts'
import type { BlobId, NodeId } from '../ids.ts'

export interface BlobInfo { blob: BlobId, sizeBytes: number }

/** `spare`: the copy is one that `discard` removes; what is put or fetched without this is another, and stays. */
export interface SpareOption { spare?: boolean | undefined }

/** Immutable bytes by the SHA-256 of their content. */
export interface Blobs {
  /** Resolves when durable here. `expected`: rejects EIO and keeps nothing if the content has another hash. */
  put (
    content: AsyncIterable<Uint8Array>, options?: AbortOptions & SpareOption & { expected?: BlobId | undefined }
  ): Promise<BlobInfo>
  /** Has it here, good or damaged; undefined: no. */
  has (blob: BlobId): Promise<BlobInfo | undefined>
  /**
   * Sees to it that the blob is here, brought from whichever node has it where need be. What is brought is verified,
   * and so is, once in a life of the node, what was here already; a damaged copy is replaced. Rejects ENOENT when
   * nobody who answers has it, EIO when no holder delivers it, ENOSPC. Aborting ends this caller's wait alone.
   */
  fetch (blob: BlobId, options?: AbortOptions & SpareOption): Promise<BlobInfo>
  /**
   * The copy that is here. Rejects ENOENT when there is none. Reading all of it verifies it: a damaged one ends with
   * EIO and is removed, so that the next `fetch` brings another. A part is not verified.
   */
  read (blob: BlobId, range?: { from?: number, length?: number | undefined }): AsyncIterable<Uint8Array>
  /** Where a process of this machine reads it, after `fetch` has verified it; what spoils it later is not noticed. */
  localPath (blob: BlobId): string | undefined
  /** Who has it, asked of everyone known. */
  holders (blob: BlobId, options?: AbortOptions): Promise<NodeId[]>
  /** Removes the copy that is here, of whichever kind. */
  remove (blob: BlobId): Promise<void>
  /** Spare copies that are here. */
  spares (): Promise<BlobId[]>
  /** Removes a spare copy; any other stays. */
  discard (blob: BlobId): Promise<void>
}

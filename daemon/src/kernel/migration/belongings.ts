import { concatBytes } from '@welkin/async'
import { CloudError, PAGE_BYTES, toHex, type BlobId, type Keys, type ObjectId } from '@welkin/interface'

/** A kernel process that keeps something for objects, which goes with them when they move. */
export interface Carrier {
  readonly name: string
  /** What it keeps for an object that is held: all that it has said to others that it has. None: no bytes. */
  pack (object: ObjectId): Promise<Uint8Array>
  /**
   * Keeps what was packed elsewhere, in place of what there may be here; resolves when it is durable. The object is not
   * here yet: a node that starts anew and has not got it forgets this. Rejects EINVAL, ESTALE, ENOSPC, EIO.
   */
  unpack (object: ObjectId, packed: Uint8Array): Promise<void>
  /** The object is not here, or does not come after all. */
  remove (object: ObjectId): Promise<void>
}

/** What one carrier has packed, in pages by their hash; the last may be shorter. */
export interface Belongings { carrier: string, pages: BlobId[] }

/** What hangs on an object, and the content of its pages. */
export interface Packed { belongings: Belongings[], contents: ReadonlyMap<BlobId, Uint8Array> }

/** Rejects as the carriers do. */
export async function pack (carriers: readonly Carrier[], object: ObjectId, keys: Keys): Promise<Packed> {
  const contents = new Map<BlobId, Uint8Array>()
  const belongings: Belongings[] = []
  for (const carrier of carriers) {
    const packed = await carrier.pack(object)
    const pages: BlobId[] = []
    for (let at = 0; at < packed.byteLength; at += PAGE_BYTES) {
      const piece = packed.subarray(at, at + PAGE_BYTES)
      const page = toHex(keys.digest().update(piece).done())
      contents.set(page, piece)
      pages.push(page)
    }
    belongings.push({ carrier: carrier.name, pages })
  }
  return { belongings, contents }
}

/** Rejects ENOSYS where nobody here keeps such things, and as the carriers and `read` do. */
export async function unpack (
  carriers: readonly Carrier[], object: ObjectId, belongings: readonly Belongings[],
  read: (page: BlobId) => Promise<Uint8Array>
): Promise<void> {
  for (const { carrier: name, pages } of belongings) {
    const carrier = carriers.find(one => one.name === name)
    if (carrier === undefined) {
      throw new CloudError('ENOSYS', `This node has no place for the ${name} of object ${object}; choose another.`)
    }
    await carrier.unpack(object, concatBytes(await Promise.all(pages.map(read))))
  }
}

/** Resolves when nothing is left of what was unpacked. Rejects as the carriers do. */
export async function discard (carriers: readonly Carrier[], object: ObjectId): Promise<void> {
  for (const carrier of carriers) await carrier.remove(object)
}

import { once } from 'node:events'
import { pack, type Pack } from 'tar-stream'
import { readListed, reasonOf, type ListedFile, type Omissions } from './files.ts'

const PIECE_BYTES = 256 * 1024

/** The files as one tar archive, in pieces fit for `blob.put`. A file that is no longer what was listed is noted. */
export async function * archive (
  folder: string, files: readonly ListedFile[], omissions: Omissions
): AsyncGenerator<Uint8Array> {
  const tar = pack()
  const filling = fill(tar, folder, files, omissions).catch((error: Error) => { tar.destroy(error) })
  yield * inPieces(tar as AsyncIterable<Uint8Array>)
  await filling
}

async function fill (tar: Pack, folder: string, files: readonly ListedFile[], omissions: Omissions): Promise<void> {
  for (const file of files) {
    const pieces = exactly(folder, file, omissions)
    // The first piece comes before the header: what cannot even be opened leaves no trace in the archive.
    let next = pieces.next()
    if (omissions.has(file.path)) continue
    const entry = tar.entry({ name: file.path, size: file.sizeBytes, mode: 0o644, mtime: new Date(file.modifiedMs) })
    for (; next.done !== true; next = pieces.next()) {
      if (!entry.write(Buffer.from(next.value))) await once(entry, 'drain')
    }
    entry.end(null)
    await once(entry, 'close')
  }
  tar.finalize()
}

/** As many bytes as were listed: the header has promised them. What can no longer be read is zeros, and noted. */
function * exactly (folder: string, file: ListedFile, omissions: Omissions): Generator<Uint8Array> {
  let left = file.sizeBytes
  try {
    for (const piece of readListed(folder, file)) {
      left -= piece.length
      yield piece
    }
  } catch (error) {
    omissions.set(file.path, reasonOf(error))
  }
  for (; left > 0; left -= PIECE_BYTES) yield Buffer.alloc(Math.min(PIECE_BYTES, left))
}

/** The same bytes in pieces of at least `PIECE_BYTES` (but for the last): an archive of small files comes in crumbs. */
async function * inPieces (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let crumbs: Uint8Array[] = []
  let size = 0
  for await (const crumb of source) {
    crumbs.push(crumb)
    size += crumb.length
    if (size < PIECE_BYTES) continue
    yield Buffer.concat(crumbs)
    crumbs = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(crumbs)
}

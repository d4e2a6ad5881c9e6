import { isUtf8 } from 'node:buffer'
import { closeSync, fstatSync, openSync, readSync, type Dirent, type Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CloudError } from '@welkin/interface'

const PIECE_BYTES = 256 * 1024

/** A regular file as it was when its folder was listed. */
export interface ListedFile {
  /** Relative to the folder, parts joined by `/`. */
  path: string
  sizeBytes: number
  modifiedMs: number
}

/** What is left out, and why. */
export type Omissions = Map<string, string>

/** A folder and what was found in it. */
export interface Work {
  folder: string
  files: readonly ListedFile[]
  omissions: Omissions
}

/** The bytes of all the files. */
export function sizeOf (files: readonly ListedFile[]): number {
  return files.reduce((size, file) => size + file.sizeBytes, 0)
}

/** The regular files below `folder`, by their paths; links and devices are none. Rejects where it cannot be listed. */
export async function listFiles (folder: string, omissions: Omissions): Promise<ListedFile[]> {
  const files = await listBelow(folder, '', omissions)
  return files.toSorted((one, other) => (one.path < other.path ? -1 : 1))
}

/**
 * The bytes of a file that is still what was listed, piece by piece; each piece is valid until the next is asked for.
 * Throws a CloudError that says why when it has vanished, cannot be read or has changed, also while it is read.
 */
export function * readListed (folder: string, file: ListedFile): Generator<Uint8Array> {
  // Without a thread pool between: for thousands of small files that is several times as fast.
  const descriptor = openSync(join(folder, file.path), 'r')
  try {
    checkUnchanged(file, fstatSync(descriptor))
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, Math.max(file.sizeBytes, 1)))
    for (let left = file.sizeBytes; left > 0;) {
      const length = readSync(descriptor, piece, 0, Math.min(left, piece.length), null)
      if (length === 0) throw new CloudError('EIO', 'it became shorter while it was read')
      left -= length
      yield piece.subarray(0, length)
    }
    checkUnchanged(file, fstatSync(descriptor))
  } finally {
    closeSync(descriptor)
  }
}

/** Why a file is left out, without its path, which stands beside it. */
export function reasonOf (error: unknown): string {
  const { message } = error as Error
  return message.split(', ')[0] ?? message
}

async function listBelow (folder: string, below: string, omissions: Omissions): Promise<ListedFile[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true, encoding: 'buffer' })
  const found = await Promise.all(entries.map(async entry => {
    const path = below === '' ? entry.name.toString() : `${below}/${entry.name.toString()}`
    try {
      return await listEntry(folder, path, entry, omissions)
    } catch (error) {
      omissions.set(path, reasonOf(error))
      return []
    }
  }))
  return found.flat()
}

async function listEntry (
  folder: string, path: string, entry: Dirent<Buffer>, omissions: Omissions
): Promise<ListedFile[]> {
  if (!entry.isFile() && !entry.isDirectory()) return []
  if (!isUtf8(entry.name)) throw new CloudError('EINVAL', 'its name is not UTF-8')
  if (entry.isDirectory()) return await listBelow(folder, path, omissions)
  const { size, mtimeMs } = await lstat(join(folder, path))
  return [{ path, sizeBytes: size, modifiedMs: mtimeMs }]
}

function checkUnchanged (file: ListedFile, now: Stats): void {
  const same = now.isFile() && now.size === file.sizeBytes && now.mtimeMs === file.modifiedMs
  if (!same) throw new CloudError('EIO', 'it has changed since it was listed')
}

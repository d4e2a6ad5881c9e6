import { mkdir, open, readdir, rename, rm, stat, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { CloudError, isFileName, type FileDraft, type Files } from '@welkin/interface'
import { diskErrorOf, isErrno } from './faults.ts'
import type { Room } from './room.ts'
import { syncDirectory } from './sync.ts'

const PIECE_BYTES = 256 * 1024
/** After so many bytes of a file that is being written, the disk is given them. */
const SYNC_BYTES = 32 * 1024 * 1024

/** Files below one directory; drafts lie in another of the same file system until they get their names. */
export class NodeFiles implements Files {
  readonly #root: string
  readonly #drafts: string
  readonly #room: Room
  #draftCount = 0
  /** Of drafts; one that is closed stays among them until the next is made. */
  readonly #open = new Set<FileHandle>()

  /** Clears away what an earlier life left unfinished. */
  static async open (root: string, drafts: string, room: Room): Promise<NodeFiles> {
    await rm(drafts, { recursive: true, force: true })
    for (const directory of [root, drafts]) await mkdir(directory, { recursive: true, mode: 0o700 })
    return new NodeFiles(root, drafts, room)
  }

  private constructor (root: string, drafts: string, room: Room) {
    this.#root = root
    this.#drafts = drafts
    this.#room = room
  }

  async create (): Promise<FileDraft> {
    const path = join(this.#drafts, `${this.#draftCount++}`)
    // Tasks may be given links to the file, and shall not change it.
    const file = await disk('A file cannot be made', async () => await open(path, 'wx', 0o444))
    for (const before of this.#open) if (before.fd < 0) this.#open.delete(before)
    this.#open.add(file)
    return new NodeDraft(path, file, this.#room, name => this.#pathOf(name))
  }

  /** Drafts that nobody will commit are let go of. */
  async close (): Promise<void> {
    await Promise.all([...this.#open].map(async file => { await file.close() }))
  }

  async size (name: string): Promise<number | undefined> {
    const path = this.#pathOf(name)
    try {
      const facts = await stat(path)
      return facts.isFile() ? facts.size : undefined
    } catch (error) {
      if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined
      throw diskErrorOf(error, `${name} cannot be looked at`)
    }
  }

  async * read (name: string, { from = 0, length = Number.POSITIVE_INFINITY } = {}): AsyncGenerator<Uint8Array> {
    const path = this.#pathOf(name)
    const what = `${name} cannot be read`
    const file = await disk(what, async () => await open(path, 'r'))
    try {
      for (let at = from, left = length; left > 0;) {
        const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, left))
        const { bytesRead } = await disk(what, async () => await file.read(piece, 0, piece.byteLength, at))
        if (bytesRead === 0) return
        yield piece.subarray(0, bytesRead)
        at += bytesRead
        left -= bytesRead
      }
    } finally {
      await file.close()
    }
  }

  async remove (name: string): Promise<void> {
    const path = this.#pathOf(name)
    try {
      await unlink(path)
      await syncDirectory(dirname(path))
    } catch (error) {
      if (!isErrno(error, 'ENOENT') && !isErrno(error, 'ENOTDIR')) throw diskErrorOf(error, `${name} cannot be removed`)
    }
  }

  async list (prefix: string): Promise<string[]> {
    const directory = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    if (directory !== '' && !isFileName(directory.slice(0, -1))) return []
    const base = join(this.#root, directory)
    const found = await disk('Files cannot be listed', async () => await namesBelow(base))
    return found.map(name => `${directory}${name}`).filter(name => name.startsWith(prefix)).toSorted()
  }

  localPath (name: string): string {
    return this.#pathOf(name)
  }

  #pathOf (name: string): string {
    if (isFileName(name)) return join(this.#root, name)
    throw new CloudError('EINVAL', 'This is no file name; use [a-z0-9._-]+ parts joined by /.')
  }
}

class NodeDraft implements FileDraft {
  readonly #path: string
  readonly #file: FileHandle
  readonly #room: Room
  readonly #pathOf: (name: string) => string
  #unsyncedBytes = 0
  #syncing = Promise.resolve()

  constructor (path: string, file: FileHandle, room: Room, pathOf: (name: string) => string) {
    this.#path = path
    this.#file = file
    this.#room = room
    this.#pathOf = pathOf
  }

  async append (bytes: Uint8Array): Promise<void> {
    await disk('A file cannot be written', async () => {
      await this.#room.take(bytes.byteLength)
      await this.#file.writeFile(bytes)
      this.#unsyncedBytes += bytes.byteLength
      if (this.#unsyncedBytes >= SYNC_BYTES) await this.#syncInBackground()
    })
  }

  async commit (name: string): Promise<void> {
    const path = this.#pathOf(name)
    await disk(`${name} cannot be written`, async () => {
      await this.#syncing
      await this.#file.sync()
      await this.#file.close()
      const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await rename(this.#path, path)
      await syncDirectory(dirname(path))
      if (made !== undefined) await syncUpTo(dirname(made), dirname(path))
    })
  }

  async discard (): Promise<void> {
    await this.#syncing.catch(() => { /* nobody will have the file */ })
    await this.#file.close()
    await rm(this.#path, { force: true })
  }

  /** So that little is left to be waited for in the end, and the system does not hoard what is to be written. */
  async #syncInBackground (): Promise<void> {
    await this.#syncing
    this.#unsyncedBytes = 0
    this.#syncing = this.#file.datasync()
    this.#syncing.catch(() => { /* told by the next wait for it */ })
  }
}

/** Makes the names of all directories between `top` and `bottom` durable. */
async function syncUpTo (top: string, bottom: string): Promise<void> {
  for (let path = bottom; path !== top;) {
    path = dirname(path)
    await syncDirectory(path)
  }
}

async function namesBelow (directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true })
    return entries.filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name).slice(join(directory, sep).length).replaceAll(sep, '/'))
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return []
    throw error
  }
}

async function disk<T> (what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw diskErrorOf(error, what)
  }
}

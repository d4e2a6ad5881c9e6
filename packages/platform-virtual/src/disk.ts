import {
  CloudError, isFileName, type Disk, type FileDraft, type Files, type RecordChange, type Records
} from '@welkin/interface'
import type { Life } from './life.ts'
import type { Platter } from './platter.ts'

const PIECE_BYTES = 1024 * 1024

/** What the faces of one disk share. */
interface Face {
  platter: Platter
  life: Life
  /** Resolves at once while the life lasts and the disk is open, never afterwards. */
  begun: () => Promise<void>
}

/** The Disk of one life, over what the platter keeps; inert after `close`. */
export class VirtualDisk implements Disk {
  readonly records: Records
  readonly files: Files
  readonly #platter: Platter
  #closed = false

  constructor (platter: Platter, life: Life) {
    const begun = async (): Promise<void> => await (this.#closed ? new Promise(() => {}) : life.alive())
    const face = { platter, life, begun }
    this.#platter = platter
    this.records = new VirtualRecords(face)
    this.files = new VirtualFiles(face)
  }

  async close (): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#platter.settle()
  }
}

class VirtualRecords implements Records {
  readonly #face: Face

  constructor (face: Face) {
    this.#face = face
  }

  async get (key: string): Promise<Uint8Array | undefined> {
    await this.#face.begun()
    return this.#face.platter.record(key)
  }

  async list (prefix: string): Promise<Array<{ key: string, value: Uint8Array }>> {
    await this.#face.begun()
    const { platter } = this.#face
    const keys = platter.recordKeys().filter(key => key.startsWith(prefix)).toSorted()
    return keys.map(key => ({ key, value: platter.record(key) as Uint8Array }))
  }

  async write (changes: readonly RecordChange[]): Promise<void> {
    const copies = changes.map(({ key, value }) => ({ key, value: value?.slice() }))
    await this.#face.begun()
    await this.#face.platter.writeRecords(this.#face.life, copies)
  }
}

class VirtualFiles implements Files {
  readonly #face: Face

  constructor (face: Face) {
    this.#face = face
  }

  async create (): Promise<FileDraft> {
    await this.#face.begun()
    return new VirtualDraft(this.#face)
  }

  async size (name: string): Promise<number | undefined> {
    await this.#face.begun()
    checkName(name)
    return this.#face.platter.files.get(name)?.byteLength
  }

  async * read (name: string, range: { from?: number, length?: number } = {}): AsyncGenerator<Uint8Array> {
    const { platter, life, begun } = this.#face
    await begun()
    checkName(name)
    const content = platter.files.get(name)
    if (content === undefined) throw new CloudError('ENOENT', `There is no file ${name} on this disk.`)
    const { from = 0, length = content.byteLength } = range
    const end = Math.min(content.byteLength, from + length)
    for (let at = from; at < end; at += PIECE_BYTES) {
      const piece = content.slice(at, Math.min(end, at + PIECE_BYTES))
      await platter.passRead(life, piece.byteLength)
      yield piece
    }
  }

  async remove (name: string): Promise<void> {
    await this.#face.begun()
    checkName(name)
    await this.#face.platter.removeFile(this.#face.life, name)
  }

  async list (prefix: string): Promise<string[]> {
    await this.#face.begun()
    return [...this.#face.platter.files.keys()].filter(name => name.startsWith(prefix)).toSorted()
  }

  // No process of the real machine can read what is only modelled.
  localPath (): undefined {
    return undefined
  }
}

class VirtualDraft implements FileDraft {
  readonly #face: Face
  readonly #parts: Uint8Array[] = []
  #heldBytes = 0

  constructor (face: Face) {
    this.#face = face
  }

  async append (bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice()
    await this.#face.begun()
    this.#face.platter.hold(copy.byteLength)
    this.#heldBytes += copy.byteLength
    this.#parts.push(copy)
    await this.#face.platter.passWrite(this.#face.life, copy.byteLength)
  }

  async commit (name: string): Promise<void> {
    await this.#face.begun()
    checkName(name)
    this.#heldBytes = 0
    await this.#face.platter.writeFile(this.#face.life, name, this.#parts.splice(0))
  }

  async discard (): Promise<void> {
    await this.#face.begun()
    this.#face.platter.release(this.#heldBytes)
    this.#heldBytes = 0
  }
}

function checkName (name: string): void {
  if (!isFileName(name)) throw new CloudError('EINVAL', 'This is no file name; use [a-z0-9._-]+ parts joined by /.')
}

import {
  chmodSync, closeSync, lstatSync, mkdirSync, openSync, readdirSync, readlinkSync, readSync, rmSync, symlinkSync,
  unlinkSync, writeSync
} from 'node:fs'
import { join } from 'node:path'
import { CONTENT_PAGE_BYTES, type Content } from '../wasi/files/content.ts'
import type { DirectoryNode, FileNode, TreeNode } from '../wasi/files/nodes.ts'
import type { Tree } from '../wasi/files/tree.ts'

const EXECUTABLE = 0o111
const PROGRAM_MODE = 0o755
const DATA_MODE = 0o644

/** The object's directory, out of which a program's files come, and into which they go when it has ended. */
export class WorkDirectory {
  readonly #directory: string
  /** What stands there of each file already. */
  readonly #known = new Map<string, { content: Content, revision: number }>()

  constructor (directory: string) {
    this.#directory = directory
  }

  /** Throws the machine's own error, and what `tree` does for want of room. */
  load (tree: Tree, into: DirectoryNode): void {
    this.#load(tree, into, this.#directory)
  }

  /** Writes what has changed since `load`, and removes what is gone. Throws the machine's own error. */
  store (from: DirectoryNode): void {
    this.#store(from, this.#directory)
  }

  #load (tree: Tree, into: DirectoryNode, directory: string): void {
    for (const name of namesIn(directory)) {
      const path = join(directory, name)
      const found = lstatSync(path)
      if (found.isDirectory()) {
        const node = tree.makeDirectory()
        tree.add(into, name, node)
        this.#load(tree, node, path)
      } else if (found.isSymbolicLink()) tree.add(into, name, tree.makeLink(readlinkSync(path)))
      else if (found.isFile()) {
        const node = tree.makeFile()
        node.executable = (found.mode & EXECUTABLE) !== 0
        readInto(node.content, path)
        tree.add(into, name, node)
        this.#known.set(path, { content: node.content, revision: node.content.revision })
      }
    }
  }

  #store (from: DirectoryNode, directory: string): void {
    const there = new Set(namesIn(directory))
    for (const name of there) {
      const path = join(directory, name)
      if (!this.#stays(from.entries.get(name)?.node, path)) rmSync(path, { recursive: true, force: true })
    }
    if (from.entries.size > 0) mkdirSync(directory, { recursive: true })
    for (const [name, { node }] of from.entries) {
      const path = join(directory, name)
      if (node.kind === 'directory') {
        mkdirSync(path, { recursive: true })
        this.#store(node, path)
      } else if (node.kind === 'file') this.#storeFile(node, path)
      else {
        rmSync(path, { force: true })
        symlinkSync(node.target, path)
      }
    }
  }

  #stays (node: TreeNode | undefined, path: string): boolean {
    if (node === undefined) return false
    return lstatSync(path).isDirectory() ? node.kind === 'directory' : node.kind !== 'directory'
  }

  #storeFile (node: FileNode, path: string): void {
    const known = this.#known.get(path)
    if (known?.content === node.content && known.revision === node.content.revision) return
    rmSync(path, { force: true })
    writeFrom(node.content, path)
    chmodSync(path, node.executable ? PROGRAM_MODE : DATA_MODE)
    this.#known.set(path, { content: node.content, revision: node.content.revision })
  }
}

function namesIn (directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function readInto (content: Content, path: string): void {
  const file = openSync(path, 'r')
  const page = new Uint8Array(CONTENT_PAGE_BYTES)
  try {
    for (let at = 0; ;) {
      const size = readSync(file, page)
      if (size === 0) return
      content.write(at, page.subarray(0, size))
      at += size
    }
  } finally {
    closeSync(file)
  }
}

function writeFrom (content: Content, path: string): void {
  const file = openSync(path, 'wx', DATA_MODE)
  const page = new Uint8Array(CONTENT_PAGE_BYTES)
  try {
    for (let at = 0; at < content.sizeBytes;) {
      const size = content.read(at, page)
      for (let done = 0; done < size;) done += writeSync(file, page, done, size - done)
      at += size
    }
  } catch (error) {
    unlinkSync(path)
    throw error
  } finally {
    closeSync(file)
  }
}

import { WasiFault } from '../errno.ts'
import { Content } from './content.ts'
import type { DirectoryNode, Entry, FileNode, LinkNode, TreeNode } from './nodes.ts'

/** What a node costs beside its content. */
export const NODE_BYTES = 256

/** Files and directories in memory, under as many roots as there are. */
export class Tree {
  /** Bytes that are kept, or more: what was removed may still count. */
  spentBytes = 0
  #lastNumber = 0
  #lastSerial = 0
  readonly #nowNs: () => bigint

  constructor (nowNs: () => bigint) {
    this.#nowNs = nowNs
  }

  makeFile (): FileNode {
    return { kind: 'file', content: this.makeContent(), executable: false, ...this.#common() }
  }

  makeContent (): Content {
    return new Content(bytes => { this.spentBytes += bytes })
  }

  makeDirectory (): DirectoryNode {
    return { kind: 'directory', entries: new Map(), ...this.#common() }
  }

  makeLink (target: string): LinkNode {
    return { kind: 'link', target, ...this.#common() }
  }

  /** Puts back what was saved: numbers and serials go on from the highest. */
  adopt (numberMax: number, serialMax: number): void {
    this.#lastNumber = Math.max(this.#lastNumber, numberMax)
    this.#lastSerial = Math.max(this.#lastSerial, serialMax)
  }

  /** Gives `node` a name that is free. Throws `exist`. */
  add (directory: DirectoryNode, name: string, node: TreeNode): void {
    if (directory.entries.has(name)) throw new WasiFault('exist')
    this.#put(directory, name, node)
  }

  /** Throws `noent`, `isdir`, `notdir`, `notempty`. */
  remove (directory: DirectoryNode, name: string, kind: 'file' | 'directory'): TreeNode {
    const { node } = entryOf(directory, name)
    if (kind === 'file' && node.kind === 'directory') throw new WasiFault('isdir')
    if (kind === 'directory' && node.kind !== 'directory') throw new WasiFault('notdir')
    if (node.kind === 'directory' && node.entries.size > 0) throw new WasiFault('notempty')
    this.#drop(directory, name, node)
    return node
  }

  /** As `rename` of POSIX. Throws `noent`, `inval`, `isdir`, `notdir`, `notempty`. */
  rename (from: DirectoryNode, name: string, to: DirectoryNode, newName: string): void {
    const { node } = entryOf(from, name)
    const there = to.entries.get(newName)?.node
    if (there === node) return
    if (node.kind === 'directory' && isWithin(node, to)) throw new WasiFault('inval')
    if (there !== undefined) {
      if (there.kind !== 'directory' && node.kind === 'directory') throw new WasiFault('notdir')
      this.remove(to, newName, node.kind === 'directory' ? 'directory' : 'file')
    }
    this.#drop(from, name, node)
    this.#put(to, newName, node)
  }

  #common () {
    const nowNs = this.#nowNs()
    this.spentBytes += NODE_BYTES
    return { number: ++this.#lastNumber, links: 0, accessedNs: nowNs, changedNs: nowNs }
  }

  #put (directory: DirectoryNode, name: string, node: TreeNode): void {
    directory.entries.set(name, { node, serial: ++this.#lastSerial })
    node.links++
    directory.changedNs = this.#nowNs()
  }

  #drop (directory: DirectoryNode, name: string, node: TreeNode): void {
    directory.entries.delete(name)
    node.links--
    directory.changedNs = this.#nowNs()
  }
}

export function entryOf (directory: DirectoryNode, name: string): Entry {
  const entry = directory.entries.get(name)
  if (entry === undefined) throw new WasiFault('noent')
  return entry
}

function isWithin (directory: DirectoryNode, sought: DirectoryNode): boolean {
  if (directory === sought) return true
  for (const { node } of directory.entries.values()) {
    if (node.kind === 'directory' && isWithin(node, sought)) return true
  }
  return false
}

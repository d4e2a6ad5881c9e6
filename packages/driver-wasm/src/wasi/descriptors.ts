import { WasiFault, type Errno } from './errno.ts'
import type { DirectoryNode, FileNode, TreeNode } from './files/nodes.ts'

/** What a descriptor permits; WASI has thirty rights, of which these two make a difference. */
export interface Access { readable: boolean, writable: boolean }

export interface OpenStream { readonly kind: 'stream', readonly stream: 'stdin' | 'stdout' | 'stderr' }
export interface OpenFile extends Access {
  readonly kind: 'file'
  readonly node: FileNode
  offset: number
  append: boolean
}
export interface OpenDirectory {
  readonly kind: 'directory'
  readonly node: DirectoryNode
  /** Under what name the program finds it open when it begins. */
  readonly preopened: string | undefined
}

export type Descriptor = OpenStream | OpenFile | OpenDirectory

const OPEN_MAX = 1024

/** The open files of a program. */
export class Descriptors {
  readonly #open = new Map<number, Descriptor>()
  readonly #openMax: number

  constructor (openMax: number | undefined) {
    this.#openMax = openMax ?? OPEN_MAX
  }

  * [Symbol.iterator] (): Iterator<[number, Descriptor]> {
    yield * this.#open
  }

  put (number: number, descriptor: Descriptor): void {
    this.#open.set(number, descriptor)
  }

  /** By the lowest number that is free. Throws `mfile`. */
  add (descriptor: Descriptor): number {
    if (this.#open.size >= this.#openMax) throw new WasiFault('mfile')
    let number = 0
    while (this.#open.has(number)) number++
    this.#open.set(number, descriptor)
    return number
  }

  /** Throws `badf`. */
  get (number: number): Descriptor {
    const descriptor = this.#open.get(number)
    if (descriptor === undefined) throw new WasiFault('badf')
    return descriptor
  }

  /** Throws `badf`, and what is said for another kind of descriptor. */
  file (number: number, otherwise: Errno = 'spipe'): OpenFile {
    const descriptor = this.get(number)
    if (descriptor.kind === 'file') return descriptor
    throw new WasiFault(descriptor.kind === 'directory' ? 'isdir' : otherwise)
  }

  /** Throws `badf`, `notdir`. */
  directory (number: number): DirectoryNode {
    const descriptor = this.get(number)
    if (descriptor.kind !== 'directory') throw new WasiFault('notdir')
    return descriptor.node
  }

  /** Throws `badf`. */
  close (number: number): void {
    this.get(number)
    this.#open.delete(number)
  }

  /** Every node that is open, whether or not it still has a name. */
  nodes (): TreeNode[] {
    return [...this.#open.values()].flatMap(each => each.kind === 'stream' ? [] : [each.node])
  }
}

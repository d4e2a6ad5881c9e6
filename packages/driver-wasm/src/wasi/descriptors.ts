import { WasiFault, type Errno } from './errno.ts'
import type { DirectoryNode, FileNode, TreeNode } from './files/nodes.ts'
import type { Conversation } from './talk/conversation.ts'
import type { Listener } from './talk/conversations.ts'

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

/** A port that is listened on, and a conversation: of each there is one descriptor. */
export interface OpenListener { readonly kind: 'listener', readonly listener: Listener, nonBlocking: boolean }
export interface OpenConversation {
  readonly kind: 'conversation'
  readonly conversation: Conversation
  nonBlocking: boolean
}

export type Descriptor = OpenStream | OpenFile | OpenDirectory | OpenListener | OpenConversation

const OPEN_MAX = 1024

/** The open files of a program, and what else it has by a number. */
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

  /** Throws `mfile`. */
  checkRoom (): void {
    if (this.#open.size >= this.#openMax) throw new WasiFault('mfile')
  }

  /** By the lowest number that is free. Throws `mfile`. */
  add (descriptor: Descriptor): number {
    this.checkRoom()
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
    return [...this.#open.values()].flatMap(each => 'node' in each ? [each.node] : [])
  }
}

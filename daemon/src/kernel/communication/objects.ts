import type { ObjectState } from '@welkin/abi'
import type { AbortOptions, Cancel, ObjectId } from '@welkin/interface'

/** An object of this node. */
export interface OwnObject {
  readonly state: ObjectState
  /** It stands still: nothing is taken for it. */
  readonly isHeld: boolean
  /**
   * Resolves when what is taken for it now stays with it: it is not held, nor could where it came from still go on with
   * it. Rejects as `whenHere` does.
   */
  whenSettled (options?: AbortOptions): Promise<void>
  /** Resolves when it is not held. Rejects ESTALE, with where it went, when it is here no more. */
  whenHere (options?: AbortOptions): Promise<void>
}

/** What Communication needs to know of this node's objects. */
export interface OwnObjects {
  /** Whether it is of this node, whatever became of it. */
  has (id: ObjectId): boolean
  /** Throws ENOENT. */
  get (id: ObjectId): OwnObject
  /** Where it can be talked to, by name: a TCP port of this node, or 0. Throws ENOENT. */
  portsOf (id: ObjectId): Readonly<Record<string, number>>
  /** It listens by system calls, until that is cancelled. Throws ENOENT, EBUSY. */
  listen (id: ObjectId, port: string): Cancel
}

import type { ObjectState } from '@welkin/abi'
import type { Cancel, ObjectId } from '@welkin/interface'

/** What Communication needs to know of this node's objects. */
export interface OwnObjects {
  /** Throws ENOENT. */
  get (id: ObjectId): { readonly state: ObjectState }
  /** Where it can be talked to, by name: a TCP port of this node, or 0. Throws ENOENT. */
  portsOf (id: ObjectId): Readonly<Record<string, number>>
  /** It listens by system calls, until that is cancelled. Throws ENOENT, EBUSY. */
  listen (id: ObjectId, port: string): Cancel
}

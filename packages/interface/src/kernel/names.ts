import type { AbortOptions } from '../abort.ts'
import type { BlobId, CloudProcessId, NodeId, ObjectId } from '../ids.ts'

/** An object of this node that others can find by name and talk to. */
export interface PublishedObject {
  readonly id: ObjectId
  readonly cp: CloudProcessId
  /** `web`, or `web.2` for one of several. */
  readonly name: string
  /** What it listens on, by name: a TCP port of its node, or 0 where it listens by system calls. */
  readonly ports: Readonly<Record<string, number>>
  /** By which this node acts for it; empty in an open cloud. */
  readonly chain: readonly Uint8Array[]
}

/** One of the things that a name stands for, as whoever asks may use it. */
export interface Endpoint {
  /** What it is: one of these, and the node where it is as far as that is known. */
  readonly object?: ObjectId | undefined
  readonly blob?: BlobId | undefined
  readonly node?: NodeId | undefined
  readonly nodeName?: string | undefined
  /** IP addresses of the node, those first that others reach. */
  readonly addresses: readonly string[]
  readonly ports: Readonly<Record<string, number>>
  /** To reach it from the asking node; undefined: not known. */
  readonly rttMs?: number | undefined
}

/** What a name stands for now: nearest first, what is down left out. */
export interface Resolved {
  /** In full, aliases followed. */
  readonly name: string
  readonly endpoints: readonly Endpoint[]
  /** For so long it may be remembered. */
  readonly ttlMs: number
}

/** Finds things by name. Rejects ENOENT, EINVAL (the name), EHOSTDOWN, ETIMEDOUT. */
export interface Resolver {
  /** `fresh`: whatever is remembered, since it proved wrong. */
  resolve (name: string, options?: AbortOptions & { timeoutMs?: number, fresh?: boolean }): Promise<Resolved>
}

import type { Authority } from '@welkin/capability'
import type { InputOf, ReplyOf, Syscalls, TABLE, CallName } from '@welkin/abi'
import type { AbortOptions, Cancel, Channel, NodeId, ObjectId } from '@welkin/interface'
import type { z } from 'zod'

/** Who asks. */
export type Caller =
  /** Whoever may use the daemon's own socket or token. */
  | { kind: 'owner' }
  /** A member of the cloud, on its own account. */
  | { kind: 'node', id: NodeId }
  /** Who is no member and shows nothing. */
  | { kind: 'stranger', id: NodeId }
  | { kind: 'object', id: ObjectId }
  /** Who has shown a capability; `actsOn`: this node may ask others in its name. */
  | { kind: 'principal', id: string, authority: Authority, actsOn: boolean }

export interface CallContext {
  readonly caller: Caller
  readonly requestId: string
  /** Through how many nodes the call has come. */
  readonly hops: number
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** `input`: what the caller sends after the request, checked item by item. */
export interface StreamContext<Input> extends CallContext {
  readonly input: AsyncIterable<Input>
}

/** A conversation of bytes: each direction of the channel ends by itself. */
export interface DuplexContext extends CallContext {
  readonly channel: Channel
}

/** Rows in which both sides send bytes. */
export type DuplexName = {
  [N in CallName]: (typeof TABLE)[N] extends { duplex?: true, input: z.ZodType<Uint8Array> } ? N : never
}[CallName]

type Args<N extends CallName> = z.output<(typeof TABLE)[N]['request']>
type Context<N extends CallName> = [InputOf<N>] extends [never] ? CallContext : StreamContext<InputOf<N>>

/** How a row is served. */
export type ServerOf<N extends CallName> = (typeof TABLE)[N]['streams'] extends true
  ? (args: Args<N>, context: Context<N>) => AsyncIterable<ReplyOf<N>>
  : (args: Args<N>, context: Context<N>) => Promise<ReplyOf<N>>

/** What kernel processes need of dispatch. */
export interface Calls {
  /** Serves a row; one server each. */
  serve<N extends CallName> (name: N, server: ServerOf<N>): Cancel
  /** Serves a row in which both sides send bytes; the conversation is over when the server resolves or rejects. */
  serveDuplex<N extends DuplexName> (
    name: N, server: (args: Args<N>, context: DuplexContext) => Promise<void>
  ): Cancel
  /** Begins such a conversation with another node, or with this one, for a caller. It fails by its reads and sends. */
  open<N extends DuplexName> (
    node: NodeId, caller: Caller, name: N, args: z.input<(typeof TABLE)[N]['request']>, options?: AbortOptions
  ): Channel
  /** System calls to another node, or to this one: on this node's own account, or for a caller. */
  at (node: NodeId, caller?: Caller): Syscalls
}

/** Finds the one object that a reference means, wherever it is. Rejects ENOENT, EINVAL (several). */
export interface Locator {
  locate (ref: string, options?: AbortOptions): Promise<{ id: ObjectId, node: NodeId }>
  /** Drops what was remembered, as it proved wrong. */
  forget (id: ObjectId): void
  /** It is there, as the node that it left says. */
  learn (id: ObjectId, node: NodeId): void
  /** It went there from this node. */
  leftFor (id: ObjectId, node: NodeId): void
  hasLeft (id: ObjectId): boolean
}

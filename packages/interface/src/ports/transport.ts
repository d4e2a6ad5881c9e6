import type { AbortOptions } from '../abort.ts'
import type { CloudError } from '../errors.ts'
import type { NodeId } from '../ids.ts'
import type { Cancel } from './clock.ts'

export interface RequestOptions extends AbortOptions {
  /** Milliseconds until the request fails with ETIMEDOUT; the answering side learns what is left of it. */
  timeoutMs?: number | undefined
}

export interface OpenOptions extends RequestOptions {
  /** What goes over the channel comes at a pace of its own, which says nothing of the way's. */
  paced?: boolean | undefined
}

/**
 * A two-way sequence of messages with back-pressure end to end.
 * Each message is delivered once and in order, or the channel fails at both ends.
 */
export interface Channel extends AsyncIterable<Uint8Array> {
  /** Resolves when there is room for more. Rejects EPIPE when the other end reads no more, else with its failure. */
  send (message: Uint8Array): Promise<void>
  /** Says that no more will be sent; the other direction stays open. */
  end (): Promise<void>
  /** Gives up both directions at once; the other end's reads and sends reject with `error`. */
  fail (error: CloudError): void
  /**
   * The reader takes what comes as one stream of bytes: from now on a message may be given in pieces, as they come,
   * where putting it together would cost a copy. A channel without this gives whole ones.
   */
  inPieces? (): void
}

/** A way to one peer that answers calls: a node over the Transport, a daemon over its socket, the node itself. */
export interface Link {
  /**
   * One message there, one back. Rejects with the CloudError that the other end threw,
   * or ETIMEDOUT, EHOSTDOWN, ECONNRESET, ECANCELED, E2BIG.
   */
  request (payload: Uint8Array, options?: RequestOptions): Promise<Uint8Array>
  /** Opens a channel whose first message is `payload`. Fails later, by its reads and sends, not here. */
  open (payload: Uint8Array, options?: OpenOptions): Channel
}

/** Who asks, and for how long the answer is of use. */
export interface Incoming {
  readonly peer: NodeId
  /** Aborted when the caller cancels, its deadline passes or the connection ends. */
  readonly signal: AbortSignal
  /** Milliseconds that the caller still waits; undefined: as long as it takes. */
  readonly timeoutMs: number | undefined
}

/**
 * How one protocol is answered. A thrown CloudError crosses to the caller;
 * anything else arrives as EFAULT and is logged.
 */
export interface Handler<Context = Incoming> {
  request (payload: Uint8Array, incoming: Context): Promise<Uint8Array>
  /** `payload` is the channel's first message. The channel ends when this resolves, and fails when it rejects. */
  channel (payload: Uint8Array, channel: Channel, incoming: Context): Promise<void>
}

/** Who may help where two nodes cannot reach each other. */
export interface Relays {
  /** Who might pass on what goes to `peer`, best first; asked only where there is no direct way. */
  through: (peer: NodeId) => readonly NodeId[]
  /** Whether anything is passed on from, to or by this peer. */
  admits: (peer: NodeId) => boolean
}

/** Messages between nodes: authenticated, encrypted, in order per channel, at most once per request. */
export interface Transport {
  readonly self: NodeId
  /** Where others reach this node, in the overlay's own notation. */
  addresses (): readonly string[]
  /** Remembers where a peer is reached; replaces what was known of it. */
  learn (peer: NodeId, addresses: readonly string[]): void
  /** Connects to whoever listens at `address` and says who that is. Rejects EHOSTUNREACH, EHOSTDOWN, ETIMEDOUT. */
  dial (address: string, options?: RequestOptions): Promise<NodeId>
  /** The way to `peer` for one protocol; costs nothing until it is used, and mends itself after a break. */
  link (peer: NodeId, protocol: string): Link
  /** Answers `protocol`; one handler each. */
  serve (protocol: string, handler: Handler): Cancel
  /** Tells of every connection that is opened or lost; a lost one does not prove that the peer is down. */
  watch (watcher: (peer: NodeId, state: 'connected' | 'disconnected') => void): Cancel
  /**
   * From now on links reach peers to which there is no direct way through others, for as long as there is none, and
   * this node passes on what others send each other, within bounds. Who passes on can read and change nothing of it.
   */
  relay (relays: Relays): void
}

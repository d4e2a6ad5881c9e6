import type { LinksBetween } from '@welkin/links'
import type { WireLimits } from '@welkin/wire'
import type { RelayBounds } from './relaying/index.ts'

export interface OverlayOptions {
  /** The node's Ed25519 private key, 32 bytes. */
  seed: Uint8Array
  /** Multiaddrs, e.g. `/ip4/127.0.0.1/tcp/0`; none: this node only dials. */
  listen: readonly string[]
  /**
   * Milliseconds to connect in. Lower tells of dead nodes sooner, at the expense of those far away: connecting
   * takes five round trips. @default 5000
   */
  dialTimeoutMs?: number
  /**
   * Milliseconds between probes of each connection; one that is not answered in as long again is ended. (A peer that
   * died is noticed at once.) Lower is sooner, at the expense of a packet each way, and of connections to peers that
   * are merely busy. @default 10000
   */
  probePeriodMs?: number
  /**
   * Connections that this node makes at a time; others wait, their time to connect with them. Each takes some 20 ms of
   * CPU at either end: more than a few, and a cloud that is switched on chokes on handshakes that come too late.
   * @default 4
   */
  dialsMax?: number
  /**
   * Milliseconds that the direct way to a peer is ahead of those through others. Lower gets around a cut sooner, at the
   * expense of questions to relays wherever a peer is slow to connect. @default 1000
   */
  headStartMs?: number
  /** How much this node passes on for others, if it does at all. */
  relaying?: Partial<RelayBounds>
  /** Connections past which idle ones are closed. @default 1000 */
  connectionsMax?: number
  /**
   * New connections from one host in a second. Infinity suits many nodes on one host; lower it on the open internet.
   * @default Infinity
   */
  connectionsPerHostMax?: number
  /** What one stream may take of memory. */
  limits?: Partial<WireLimits>
  /**
   * Delays, holds back and cuts what this node sends to its peers, for trials of several nodes on one machine that all
   * go by the same links. Left out: everything passes as the machine lets it.
   */
  links?: LinksBetween
}

export const OVERLAY_OPTIONS = {
  dialTimeoutMs: 5000,
  dialsMax: 4,
  headStartMs: 1000,
  probePeriodMs: 10_000,
  connectionsMax: 1000,
  connectionsPerHostMax: Number.POSITIVE_INFINITY
} as const satisfies Partial<OverlayOptions>

import type { AbortOptions } from '../abort.ts'
import type { Channel } from './transport.ts'

/**
 * A connection to a program of this machine: its messages are pieces of a stream of bytes, of any size but none, and
 * either direction ends by itself. A program that is gone fails it with ECONNRESET.
 */
export type ByteStream = Channel

/** Connects to what listens on this machine, and only there. */
export interface Dialer {
  /** Rejects ECONNREFUSED where nobody listens on this TCP port of the loopback address, EAGAIN (too many files). */
  connect (port: number, options?: AbortOptions): Promise<ByteStream>
}

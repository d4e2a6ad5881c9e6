import type { NodeId } from '../ids.ts'
import type { Cancel } from './clock.ts'

/**
 * News for everyone who listens to a topic, by epidemic broadcast: a message reaches all connected subscribers
 * with high probability, at most once each, in any order, never its own publisher.
 * `from` is who published; nothing else about the message has been checked.
 */
export interface Gossip {
  /** Hands the message to the overlay; says nothing about who got it. */
  publish (topic: string, message: Uint8Array): void
  /** From now on, those for whom `admits` is false neither hear nor are heard here; it may be asked often. */
  admit (admits: (peer: NodeId) => boolean): void
  subscribe (topic: string, listener: (message: Uint8Array, from: NodeId) => void): Cancel
}

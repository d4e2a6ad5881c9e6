import type { NodeId, Zone } from '@welkin/interface'

/** How one direction between two nodes behaves. */
export interface LinkQuality {
  /** One way. */
  latencyMs: number
  /** Up to so much more, drawn for each packet. */
  jitterMs: number
  bytesPerSecond: number
  /** Share of packets that must be sent again; below 1. */
  lossRatio: number
  /** Nothing passes, and what is sent waits until it is mended, as in TCP. Default: false. */
  cut?: boolean
  /**
   * Share of messages that are held up for a moment with all that follows them in their stream, so that those of other
   * streams overtake them; below 1. The simulator alone plays it. Default: 0.
   */
  reorderRatio?: number
}

/** The link from one node to another; asked for each packet, so that it may change. */
export type LinksBetween = (from: NodeId, to: NodeId) => LinkQuality

/** What a node goes by, and where it stands. */
export interface Place { name: string, zone: Zone }

/** 1 Gbit/s, in bytes a second. */
export const GIGABIT = 125e6

/** A link that adds nothing to what lies below it. */
export const IDEAL: LinkQuality = {
  latencyMs: 0, jitterMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY, lossRatio: 0
}

import type { AbortOptions } from '../abort.ts'
import type { NodeId } from '../ids.ts'
import type { Coordinate, Distance } from './coordinate.ts'

/** What this node has measured of its way to another; each figure with its age and how many samples it rests on. */
export interface Way {
  /** The latest round trips, the slow ones among them left out. */
  rtt?: Measured | undefined
  /** Share of requests that were not answered, 0 to 1. */
  loss?: Measured | undefined
  /** Bytes a second, as achieved by transfers that took place anyway, or by a probe. */
  bandwidth?: Measured | undefined
}

export interface Measured { value: number, ageMs: number, samples: number }

/** One end of a distance: a node, or a place where no node need be. */
export interface Located { id?: NodeId | undefined, coordinate?: Coordinate | undefined, ageMs?: number | undefined }

/** What the ways between nodes are like (paper III.B.1). */
export interface Measurement {
  /** Where this node stands; with an error of 1 while it has measured nothing. */
  coordinate (): Coordinate
  /** Takes a round trip that somebody has measured to a peer, whose coordinate was that. */
  observe (peer: NodeId, coordinate: Coordinate | undefined, rttMs: number): void
  /** How far apart two places are: measured where one is this node, else by their coordinates; undefined: unknown. */
  distance (one: Located, other: Located): Distance | undefined
  /** What this node knows of its way to a peer. */
  way (peer: NodeId): Way
  /** Measures a round trip now. Rejects EHOSTDOWN, EHOSTUNREACH, ETIMEDOUT. */
  probe (peer: NodeId, options?: AbortOptions & { timeoutMs?: number }): Promise<{ rttMs: number }>
  /** Sends so many bytes there, at most 16 MiB, and says how fast they went. Rejects likewise. */
  probeBandwidth (peer: NodeId, bytes: number, options?: AbortOptions): Promise<{ bytesPerSecond: number }>
}

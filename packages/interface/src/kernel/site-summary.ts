import type { NodeId, Zone } from '../ids.ts'
import type { Coordinate } from './coordinate.ts'

/** What the nodes of one site that are up have together: what others know of it without asking. */
export interface SiteSummary {
  /** `cloud/site`. */
  site: Zone
  /** How many are up, and how many are held to be down. */
  up: number
  down: number
  /** For numeric attributes (see `packages/query`), over the nodes that are up. */
  numbers: Readonly<Record<string, NumberSummary>>
  /**
   * For attributes that are words or sets of words: all that occur. An attribute is left out where there are too many
   * of them, and a word where some node has none.
   */
  words: Readonly<Record<string, readonly string[]>>
  /** About where it stands, and how far from there its nodes are at the most; none while they do not know. */
  centre?: { coordinate: Coordinate, radiusMs: number } | undefined
  /** Who speaks for it, and can be asked. */
  delegates: ReadonlyArray<{ id: NodeId, addresses: readonly string[] }>
  /** Milliseconds since it was said. */
  ageMs: number
}

/** How the values of one attribute are distributed over the nodes of a site. */
export interface NumberSummary {
  min: number
  max: number
  sum: number
  /** Nodes by their value: place 0 counts those below 1, place i those from 2^(i-1) to below 2^i, the last the rest. */
  histogram: readonly number[]
}

import type { AbortOptions } from '../abort.ts'
import type { NodeId, Zone } from '../ids.ts'
import type { MachineFacts, MachineLoad } from '../ports/machine.ts'
import type { Coordinate } from './coordinate.ts'
import type { Located } from './measurement.ts'
import type { SiteSummary } from './site-summary.ts'

/** What a node says of itself. */
export interface NodeRecord {
  id: NodeId
  /** Short, for people; need not be unique. */
  name: string
  zone: Zone
  /** Where it is reached. */
  addresses: readonly string[]
  /** Version of the software. */
  version: string
  machine: MachineFacts
  drivers: readonly string[]
  load: MachineLoad & NodePromises
  /** Where it stands in the latency space, as soon as it knows. */
  coordinate?: Coordinate | undefined
  /** What a CPU costs there for an hour, in the cloud's own money. */
  price?: number | undefined
}

/** What a node has promised to objects. */
export interface NodePromises {
  /** Objects that have not ended. */
  objects: number
  /** How many it takes at most. */
  objectsMax: number
  /** Sums of the limits of these objects. */
  cpuPromised: number
  memoryPromisedBytes: number
}

/** A node as another sees it. */
export interface NodeView extends NodeRecord {
  /** A suspected node is still held to be up. */
  state: 'up' | 'down'
  /** It does not answer; it has some seconds to deny that before it is held to be down. */
  suspected?: boolean | undefined
  /** Held to be down, but heard again: lost too often of late, it counts as up in so many milliseconds, if it stays. */
  backInMs?: number | undefined
  /** Milliseconds since it said what stands here. */
  ageMs: number
}

/** Whether it was heard since it was last lost, so that what it has can be had, though nothing new is put there yet. */
export function isHeard ({ state, backInMs }: NodeView): boolean {
  return state === 'up' || backInMs !== undefined
}

/** Nodes of the whole cloud, and the sites of which nobody answered in time: theirs are missing. */
export interface CloudView { nodes: readonly NodeView[], silent: readonly Zone[] }

/**
 * Who is in the cloud, as far as this node knows: soft state, never complete, each entry with its age. A node knows all
 * nodes of its own site; of other sites it knows a summary, and asks when it wants more.
 */
export interface Membership {
  readonly self: NodeId
  /** Where this node stands: `cloud/site`. */
  readonly site: Zone
  /** Everyone known of this site, this node included, in order of name, then id. */
  nodes (): readonly NodeView[]
  /** A node of this site. */
  node (id: NodeId): NodeView | undefined
  /** Which of its lives a node of this site is in: once it has started again, a greater number. */
  life (id: NodeId): number | undefined
  /** Nodes of this site that this one speaks with all the time, to know who is up; a few, whatever the site's size. */
  neighbours (): readonly NodeView[]
  /** The same of any node of this site, whoever is held to be down among them, in no order. Draws nothing by chance. */
  around (id: NodeId): readonly NodeView[]
  /** What this node has heard of the other sites; only delegates hear much, the others remember what they asked for. */
  sites (): readonly SiteSummary[]
  /** The same, after asking a delegate where this node is none. Never rejects for faults of others. */
  summaries (options?: AbortOptions & { timeoutMs?: number }): Promise<readonly SiteSummary[]>
  /** Some nodes of other sites, to which distances can be measured. */
  contacts (): readonly Located[]
  /** Everyone in the cloud: other sites are asked, unless they were a moment ago. In order of name, then id. */
  everyone (options?: AbortOptions & { timeoutMs?: number }): Promise<CloudView>
}

import type { NodeId, Zone } from '../ids.ts'
import type { MachineFacts, MachineLoad } from '../ports/machine.ts'

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
  state: 'up' | 'down'
  /** Milliseconds since it was heard of. */
  ageMs: number
}

/** Who is in the cloud, as far as this node knows: soft state, never complete, each entry with its age. */
export interface Membership {
  readonly self: NodeId
  /** Everyone known, this node included, in order of name, then id. */
  nodes (): readonly NodeView[]
  node (id: NodeId): NodeView | undefined
}

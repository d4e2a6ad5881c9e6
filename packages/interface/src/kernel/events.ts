import type { NodeId } from '../ids.ts'
import type { Cancel } from '../ports/clock.ts'

/** Everything that the kernel tells of, in the past tense. */
export type EventType =
  | 'nodeStarted' | 'nodeJoined' | 'nodeSuspected' | 'nodeDown' | 'nodeReturned' | 'nodeLeft' | 'zoneDown'
  | 'objectSpawned' | 'objectStarted' | 'objectExited' | 'objectRestarted' | 'objectRecovered' | 'objectRemoved'
  | 'objectExposed' | 'objectMoved' | 'objectCheckpointed' | 'objectSuperseded'
  | 'nodeAdmitted' | 'accessRevoked' | 'callRefused' | 'callAudited'
  | 'nameBound' | 'nameUnbound' | 'nameLost'

export interface CloudEvent {
  /** Counts the events of one life of the node, from 1. */
  sequence: number
  /** An EventType; nodes of later versions may tell of more. */
  type: string
  /** Who tells. */
  node: NodeId
  /** Wall clock of the node that tells. */
  atMs: number
  fields: Record<string, string | number | boolean | null>
}

/** What happened on this node. */
export interface Events {
  emit (type: EventType, fields?: CloudEvent['fields']): void
  /** The last thousand, oldest first. */
  recent (): readonly CloudEvent[]
  subscribe (listener: (event: CloudEvent) => void): Cancel
}

import type { NodeQuery, ObjectSpec } from '@welkin/abi'
import type {
  AbortOptions, Blobs, Clock, Disk, Events, Keys, Logger, Measurement, MetricRegister, NodeId, ObjectId, Random, Zone
} from '@welkin/interface'
import type { Access, Calls, Locator } from '../../dispatch/index.ts'
import type { Residents } from '../../residents.ts'
import type { Carrier } from './belongings.ts'

/** Where an object is wanted. */
export interface Wanted {
  to?: string | NodeQuery | undefined
  near?: readonly string[] | undefined
  awayFrom?: readonly string[] | undefined
}

/** Room that a node keeps for what comes. */
export interface Rooms {
  reserve (request: {
    driver: string, count: number, ttlMs: number
  } & Pick<ObjectSpec, 'limits' | 'isolation' | 'network'>): {
    reservation: ObjectId | undefined, granted: number, why: string | undefined
  }
  release (reservation: ObjectId): void
}

export interface MigrationPorts {
  access: Access
  blobs: Blobs
  calls: Calls
  /** Of what goes with objects and is kept by others. */
  carriers: readonly Carrier[]
  clock: Clock
  disk: Disk
  events: Events
  keys: Keys
  locator: Locator
  log: Logger
  measurement: Pick<Measurement, 'way'>
  metrics: MetricRegister
  objects: Residents & Rooms
  random: Random
  /** Other nodes of this site that are up, and where they stand. */
  others: () => ReadonlyArray<{ id: NodeId, zone: Zone }>
  /** Where this node stands. */
  zone: Zone
  self: NodeId
  /** Nodes that an object of this spec could go to, best first. Rejects ENOENT, ENOSYS, EAGAIN, EHOSTDOWN, EINVAL. */
  choose: (spec: ObjectSpec, wanted: Wanted, options: AbortOptions) => Promise<NodeId[]>
}

import type { NodeId, Zone } from '../ids.ts'

/** Who belongs to the cloud. */
export interface Members {
  /** By which this node shows that it does: a chain of delegations. */
  readonly certificate: readonly Uint8Array[]
  /** Takes a node for a member by its certificate. Throws EACCES and EPROTO where it is none. */
  admit (node: NodeId, zone: Zone, certificate: readonly Uint8Array[]): void
  isMember (node: NodeId): boolean
  /** Whether it was one, and is so no more. */
  isRevoked (node: NodeId): boolean
}

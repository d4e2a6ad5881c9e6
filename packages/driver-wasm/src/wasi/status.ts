import { WasiFault } from './errno.ts'
import { FILE_TYPES, type Times, type TreeNode } from './files/nodes.ts'
import type { GuestMemory } from './guest-memory.ts'

const STATUS_BYTES = 64
const ACCESSED = 1
const ACCESSED_NOW = 2
const CHANGED = 4
const CHANGED_NOW = 8

export function putFileStatus (memory: GuestMemory, pointer: number, node: TreeNode): void {
  memory.bytes(pointer, STATUS_BYTES).fill(0)
  memory.putU64(pointer, 1n)
  memory.putU64(pointer + 8, BigInt(node.number))
  memory.putU8(pointer + 16, FILE_TYPES[node.kind])
  memory.putU64(pointer + 24, BigInt(node.links))
  memory.putU64(pointer + 32, BigInt(sizeOf(node)))
  memory.putU64(pointer + 40, BigInt.asUintN(64, node.accessedNs))
  memory.putU64(pointer + 48, BigInt.asUintN(64, node.changedNs))
  memory.putU64(pointer + 56, BigInt.asUintN(64, node.changedNs))
}

/** Of what is no file. */
export function putOtherStatus (memory: GuestMemory, pointer: number, type: number): void {
  memory.bytes(pointer, STATUS_BYTES).fill(0)
  memory.putU8(pointer + 16, type)
}

/** Throws `inval` where the same time is to be two things. */
export function setTimes (
  node: Times, { accessed, changed, flags }: { accessed: bigint, changed: bigint, flags: number }, nowNs: bigint
): void {
  const both = (one: number, other: number): boolean => (flags & one) !== 0 && (flags & other) !== 0
  if (both(ACCESSED, ACCESSED_NOW) || both(CHANGED, CHANGED_NOW)) throw new WasiFault('inval')
  if ((flags & ACCESSED) !== 0) node.accessedNs = BigInt.asUintN(64, accessed)
  if ((flags & ACCESSED_NOW) !== 0) node.accessedNs = nowNs
  if ((flags & CHANGED) !== 0) node.changedNs = BigInt.asUintN(64, changed)
  if ((flags & CHANGED_NOW) !== 0) node.changedNs = nowNs
}

function sizeOf (node: TreeNode): number {
  if (node.kind === 'file') return node.content.sizeBytes
  return node.kind === 'link' ? new TextEncoder().encode(node.target).length : 0
}

import type { Grant } from '@welkin/capability'
import type { CloudProcessId } from '@welkin/interface'

/** What a node may do for somebody with what another has handed on to it for one call. */
export const HANDED_ON_MS = 600_000
/** Objects may act for their owner for so long; what is revoked ends sooner. */
export const OBJECTS_MS = 30 * 24 * 3_600_000

/** What objects of this cloud process are given: to act on themselves, and what `can` lists. */
export function grantsOfObjects (cp: CloudProcessId, can: readonly string[]): Grant[] {
  const own = { can: ['processes.*'], on: [`cp:${cp}`] }
  return can.length === 0 ? [own] : [own, { can }]
}

import type { Grant } from '@welkin/capability'

/** What a node may do for somebody with what another has handed on to it for one call. */
export const HANDED_ON_MS = 600_000
/** Objects may act for their owner for so long; what is revoked ends sooner. */
export const OBJECTS_MS = 30 * 24 * 3_600_000

/** What is given for objects: to act on these (`cp:ID`, `object:ID`) as they like, and what `can` lists. */
export function grantsOfObjects (which: string, can: readonly string[]): Grant[] {
  const own = { can: ['processes.*', 'communication.*'], on: [which] }
  return can.length === 0 ? [own] : [own, { can }]
}

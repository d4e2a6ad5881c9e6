import type { Caller } from './calls.ts'

/** A caller as text: `owner`, `node:ID`, `object:ID`, `principal:ID`. */
export function principalOf (caller: Caller): string {
  return caller.kind === 'owner' ? 'owner' : `${caller.kind}:${caller.id}`
}

/** Finds things by name by system calls alone: what a name stands for now, nearest first, what is down left out. */
import type { NamingOptions } from './options.ts'
import { resolveOptions } from './options.ts'
import { CachedNaming, type Naming, type NamingPorts } from './naming.ts'

export type { NamingOptions } from './options.ts'
export type { Naming, NamingPorts, ResolveOptions } from './naming.ts'
export type { NameEntry, NameRecord } from './records.ts'
export { parseDialTarget, type DialTarget } from './dial-target.ts'
export { ipAddressesOf } from './addresses.ts'
export { tiersOf } from './order.ts'

/** What it remembers it keeps right while it lives: `stop` it. Throws EINVAL for options that do not fit. */
export function createNaming (ports: NamingPorts, options: Partial<NamingOptions> = {}): Naming {
  return new CachedNaming(ports, resolveOptions(options))
}

import type { ObjectInfo } from '@welkin/syscalls'
import { ordered } from '../print/ordered.ts'

/** What objects can be listed by. */
export type ObjectSort = 'name' | 'cpu' | 'memory'

const KEYS: Record<ObjectSort, (object: ObjectInfo) => number | string | undefined> = {
  name: labelOf,
  cpu: ({ usage }) => usage?.cpuSeconds,
  memory: ({ usage }) => usage?.memoryBytes
}

/** The objects in that order, equal ones by name; those that use most come first. */
export function sortObjects (objects: readonly ObjectInfo[], by: ObjectSort, reversed: boolean): ObjectInfo[] {
  return ordered(ordered(objects, KEYS.name, false), KEYS[by], (by !== 'name') !== reversed)
}

/** What an object goes by: its name, or the beginning of its id. */
export function labelOf ({ id, name }: ObjectInfo): string {
  return name ?? id.slice(0, 12)
}

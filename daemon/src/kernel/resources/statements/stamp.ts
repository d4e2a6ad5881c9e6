/** What orders the statements of one node: a later life overrules an earlier one, in one life a later version. */
export interface Stamp {
  /** Larger in each life of the node. */
  readonly incarnation: number
  /** Counts the statements of one life, from 0. */
  readonly version: number
}

export function isLater (a: Stamp, b: Stamp): boolean {
  return a.incarnation > b.incarnation || (a.incarnation === b.incarnation && a.version > b.version)
}

export function isStamp (incarnation: unknown, version: unknown): boolean {
  return isCount(incarnation) && isCount(version)
}

function isCount (value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

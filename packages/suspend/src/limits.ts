import { CloudError } from '@welkin/interface'

/** What a module may be at most; beyond it the transform itself would take too much time or memory. */
export interface Limits {
  /** The module, and what becomes of it. */
  readonly bytesMax: number
  readonly instrumentedBytesMax: number
  /** Locals of one function, parameters too, and of all functions together. */
  readonly localsMax: number
  readonly localsOfAllMax: number
  /** Entries with which a table begins. */
  readonly tableEntriesMax: number
  /** Blocks within blocks. */
  readonly nestingMax: number
}

export const LIMITS: Limits = {
  bytesMax: 64 << 20,
  instrumentedBytesMax: 512 << 20,
  localsMax: 20_000,
  localsOfAllMax: 2_000_000,
  tableEntriesMax: 1_000_000,
  nestingMax: 5000
}

/** Throws ENOEXEC for what is more than its limit. */
export function checkLimit (what: string, value: number, most: number): void {
  if (value <= most) return
  throw new CloudError('ENOEXEC', `The module has ${value} ${what}, and ${most} are allowed; build a smaller one.`, {
    fields: { what, value, most }
  })
}

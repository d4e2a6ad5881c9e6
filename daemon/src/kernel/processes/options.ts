import { z } from 'zod'

export const processesOptions = z.strictObject({
  /** Objects that have not ended, at the most; past it a node refuses with EAGAIN. */
  objectsMax: z.int().min(1).default(2000),
  /** So many tasks are prepared and started at a time; the others wait. */
  startsMax: z.int().min(1).default(16),
  /** Ended objects are kept for so long, milliseconds … */
  endedKeepMs: z.number().min(0).default(24 * 3_600_000),
  /** … and no more than so many. */
  endedMax: z.int().min(0).default(5000),
  /** How often ended objects are looked over, milliseconds. */
  sweepPeriodMs: z.number().min(10).default(30_000)
})

export type ProcessesOptions = z.output<typeof processesOptions>

import { z } from 'zod'

export const namesOptions = z.strictObject({
  /** What has a name because it runs is forgotten so long after its node was last heard of it, milliseconds. */
  publishedKeepMs: z.number().min(1000).default(120_000),
  /** How often it is looked whether something must be bound again, milliseconds. */
  tendPeriodMs: z.number().min(10).default(1000),
  /** Holders tell of changes for so long after a look-up, milliseconds; who still wants to know asks again. */
  tellMs: z.number().min(1000).default(60_000),
  /** That there is nothing by a name is remembered for so long, milliseconds. */
  absentMs: z.number().min(0).default(1000),
  /** Names that are remembered. */
  rememberedMax: z.int().min(1).default(10_000),
  /** Names that this node binds for others, its own objects apart. */
  boundMax: z.int().min(1).default(10_000),
  /** Until a look-up gives up, milliseconds. */
  timeoutMs: z.number().min(1).default(5000)
})

export type NamesOptions = z.output<typeof namesOptions>

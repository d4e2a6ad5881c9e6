import { CloudError } from '@welkin/interface'
import { z } from 'zod'

const ms = z.number().min(0).max(3_600_000)

const namingOptions = z.strictObject({
  namesMax: z.int().min(1).max(1_000_000).default(1000)
    .describe('Names that are remembered; the one that was not wanted for longest makes room'),
  nothingTtlMs: ms.default(1000).describe('For so long it is remembered that a name stands for nothing'),
  placesTtlMs: ms.default(2000).describe('For so long it is remembered where a node is and how far away'),
  timeoutMs: ms.min(1).default(5000).describe('For so long an answer is waited for, where the caller does not say'),
  watched: z.boolean().default(true).describe('Whether the asked node shall tell when names change'),
  idleMs: ms.min(1).default(60_000).describe('A name that nobody wanted for so long is watched no more')
})

/** How much is remembered, and for how long; times are milliseconds. */
export type NamingOptions = z.output<typeof namingOptions>

/** The given options over the defaults. Throws EINVAL with every problem at once. */
export function resolveOptions (given: Partial<NamingOptions>): NamingOptions {
  const { success, data, error } = namingOptions.safeParse(given)
  if (success) return data
  const problems = error.issues.map(({ path, message }) => [...path, message].join(': '))
  const message = `The options of naming cannot be used: ${problems.join('; ')}.`
  throw new CloudError('EINVAL', message, { fields: { problems } })
}

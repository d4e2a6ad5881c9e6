import { CloudError } from '@welkin/interface'
import { z } from 'zod'
import { processesOptions } from './kernel/processes/options.ts'
import { resourcesOptions } from './kernel/resources/options.ts'

/** How far apart the nodes are: sets the pace of everything that waits for others. */
export const PROFILES = {
  local: { announcePeriodMs: 1000, silenceMaxMs: 3500, greetMs: 100 },
  datacenter: {},
  wan: { announcePeriodMs: 5000, silenceMaxMs: 20_000, dialTimeoutMs: 10_000 }
} as const

const nodeOptions = z.strictObject({
  profile: z.enum(['local', 'datacenter', 'wan']).default('datacenter'),
  resources: z.looseObject({}).prefault({}),
  processes: processesOptions.prefault({})
})

export interface NodeOptions {
  resources: z.output<typeof resourcesOptions>
  processes: z.output<typeof processesOptions>
}

/** The given options over those of the profile over the defaults. Rejects EINVAL with every problem at once. */
export function resolveNodeOptions (given: unknown): NodeOptions {
  const whole = nodeOptions.safeParse(given)
  const profile = whole.success ? PROFILES[whole.data.profile] : {}
  const resources = resourcesOptions.safeParse({ ...profile, ...whole.data?.resources })
  const issues = [...whole.error?.issues ?? [], ...resources.error?.issues ?? []]
  if (whole.success && resources.success) return { resources: resources.data, processes: whole.data.processes }
  const problems = issues.map(({ path, message }) => path.length === 0 ? message : `${path.join('.')}: ${message}`)
  throw new CloudError('EINVAL', `The node's options cannot be used: ${problems.join('; ')}.`, { fields: { problems } })
}

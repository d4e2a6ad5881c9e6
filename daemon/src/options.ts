import { CloudError } from '@welkin/interface'
import { z } from 'zod'
import { communicationOptions } from './kernel/communication/options.ts'
import { directoryOptions } from './kernel/directory/options.ts'
import { measurementOptions } from './kernel/measurement/options.ts'
import { migrationOptions } from './kernel/migration/options.ts'
import { namesOptions } from './kernel/names/options.ts'
import { processesOptions } from './kernel/processes/options.ts'
import { resourcesOptions } from './kernel/resources/options.ts'

/** How far apart the nodes are: sets the pace of everything that waits for others. */
const PROFILES = {
  local: { pushPauseMs: 100, summaryPeriodMs: 2000, healPeriodMs: 5000 },
  datacenter: {},
  wan: { dialTimeoutMs: 10_000 }
}

const nodeOptions = z.strictObject({
  profile: z.enum(['local', 'datacenter', 'wan']).default('datacenter'),
  measurement: measurementOptions.prefault({}),
  resources: resourcesOptions.prefault({}),
  processes: processesOptions.prefault({}),
  communication: communicationOptions.prefault({}),
  directory: directoryOptions.prefault({}),
  migration: migrationOptions.prefault({}),
  names: namesOptions.prefault({})
})

/** What is looked at to lay the profile under the rest; all else is judged afterwards. */
const profiled = z.looseObject({ profile: nodeOptions.shape.profile, resources: z.looseObject({}).prefault({}) })
  .transform(given => ({ ...given, resources: { ...PROFILES[given.profile], ...given.resources } }))

/** The given options over those of the profile over the defaults. Throws EINVAL with every problem at once. */
export function resolveNodeOptions (given: unknown): z.output<typeof nodeOptions> {
  const { success, data, error } = nodeOptions.safeParse(profiled.safeParse(given).data ?? given)
  if (success) return data
  const problems = error.issues.map(({ path, message }) => {
    return path.length === 0 ? message : `${path.join('.')}: ${message}`
  })
  throw new CloudError('EINVAL', `The node's options cannot be used: ${problems.join('; ')}.`, { fields: { problems } })
}

import { z } from 'zod'
import { call } from '../row.ts'
import { nodeView } from '../schemas.ts'

export const resources = {
  nodes: call({
    number: 20,
    family: 'resources',
    manual: 'List the nodes of the cloud, with what they have and how old that news is.',
    request: z.strictObject({
      scope: z.enum(['site', 'cloud']).default('cloud').describe('Of the asked node\'s own site, or of all')
    }),
    reply: z.strictObject({
      nodes: z.array(nodeView),
      silent: z.array(z.string()).optional().describe('Sites of which nobody answered: their nodes are missing here')
    }),
    at: 'any',
    capability: 'resources.read',
    repeat: 'safe',
    errors: [],
    example: {}
  })
} as const

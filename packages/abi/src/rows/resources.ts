import { z } from 'zod'
import { call } from '../row.ts'
import { nodeView } from '../schemas.ts'

export const resources = {
  nodes: call({
    number: 20,
    family: 'resources',
    manual: 'List the nodes that the asked node knows, with what they have and how old that news is.',
    request: z.strictObject({}),
    reply: z.strictObject({ nodes: z.array(nodeView) }),
    at: 'any',
    capability: 'resources.read',
    repeat: 'safe',
    errors: [],
    example: {}
  })
} as const

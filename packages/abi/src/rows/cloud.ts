import { z } from 'zod'
import { stream } from '../row.ts'
import { cloudEvent } from '../schemas.ts'

export const cloud = {
  events: stream({
    number: 100,
    family: 'cloud',
    manual: 'Tell what has happened lately; with `follow`, go on telling.',
    request: z.strictObject({
      scope: z.enum(['node', 'cloud']).default('cloud').describe('Of the asked node, or of every node it knows'),
      types: z.array(z.string().max(64)).max(64).optional(),
      follow: z.boolean().default(false)
    }),
    reply: cloudEvent,
    at: 'any',
    capability: 'cloud.read',
    peers: true,
    repeat: 'safe',
    errors: [],
    example: { follow: true }
  })
} as const

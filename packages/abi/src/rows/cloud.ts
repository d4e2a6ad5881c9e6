import { z } from 'zod'
import { call, stream } from '../row.ts'
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
  }),
  leave: call({
    number: 101,
    family: 'cloud',
    manual: 'Let the asked node forget that it belongs to this cloud; it takes leave when it is stopped next.',
    request: z.strictObject({ force: z.boolean().default(false).describe('Though objects run on it, which end') }),
    reply: z.strictObject({ cloud: z.string() }),
    at: 'any',
    capability: 'node.leave',
    repeat: 'safe',
    audited: true,
    errors: ['EBUSY'],
    example: {}
  }),
  rotate: call({
    number: 103,
    family: 'cloud',
    manual: 'Get a ticket for the asked node, from whoever has invited it, to come back by under another key.',
    request: z.strictObject({}),
    reply: z.strictObject({ ticket: z.string() }),
    at: 'any',
    capability: 'node.leave',
    repeat: 'safe',
    audited: true,
    errors: ['EPERM'],
    example: {}
  })
} as const

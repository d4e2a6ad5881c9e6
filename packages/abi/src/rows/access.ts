import { z } from 'zod'
import { call } from '../row.ts'
import { given, grant, lifeMs, nodeId, zone } from '../schemas.ts'

const family = 'access'
const DAY_MS = 86_400_000

export const access = {
  whoami: call({
    number: 80,
    family,
    manual: 'Say as whom the caller is known, and which node answers.',
    request: z.strictObject({}),
    reply: z.strictObject({
      principal: z.string().describe('`owner`, `node:ID` or `object:ID`'),
      node: z.string(),
      nodeName: z.string(),
      zone: z.string(),
      version: z.string(),
      cloud: z.string().optional().describe('The key of its root; left out: the cloud is open to everybody'),
      key: z.string().optional().describe('For whom calls are made: a principal'),
      user: z.string().optional().describe('Who has logged in at this node'),
      grants: z.array(grant).optional().describe('What the caller was given last'),
      expiresMs: z.number().optional()
    }),
    at: 'any',
    capability: 'none',
    repeat: 'safe',
    errors: [],
    example: {}
  }),
  invite: call({
    number: 81,
    family,
    manual: 'Make a ticket by which machines become nodes of this cloud, and say what their owners may do then.',
    request: z.strictObject({
      zone: zone.optional().describe('Where they must stand'),
      uses: z.int().min(1).max(100_000).default(1),
      ttlMs: lifeMs.default(3_600_000).describe('Of the ticket'),
      memberMs: lifeMs.default(5 * 365 * DAY_MS).describe('How long they are members'),
      ...given
    }),
    reply: z.strictObject({ ticket: z.string(), expiresMs: z.number() }),
    at: 'any',
    capability: 'access.invite',
    repeat: 'once',
    audited: true,
    errors: ['EACCES'],
    example: { zone: 'acme/lyon/r7' }
  }),
  grant: call({
    number: 82,
    family,
    manual: 'Hand on some of what the caller may do: to a principal, or to whoever has the text that is replied.',
    request: z.strictObject({
      to: nodeId.optional().describe('A principal; left out: a key of its own, which stands in the text'),
      ttlMs: lifeMs.default(DAY_MS),
      ...given
    }),
    reply: z.strictObject({
      id: z.string().describe('By which it is revoked'),
      capability: z.string().optional().describe('For "Authorization: Bearer"'),
      chain: z.array(z.string()).describe('Its links, base64url'),
      expiresMs: z.number()
    }),
    at: 'any',
    capability: 'access.self',
    repeat: 'once',
    audited: true,
    errors: ['EACCES'],
    example: { role: 'guest' }
  }),
  revoke: call({
    number: 83,
    family,
    manual: 'Take back what was given by `grant`, or all that a node or user has, everywhere.',
    request: z.strictObject({
      target: z.string().min(1).max(128).describe('What `grant` has replied, a node or a user')
    }),
    reply: z.strictObject({ target: z.string() }),
    at: 'any',
    capability: 'access.self',
    repeat: 'safe',
    audited: true,
    errors: ['EACCES', 'ENOENT'],
    example: { target: 'n7' }
  }),
  keys: call({
    number: 84,
    family,
    manual: 'Say whose keys the asked node holds, and what was revoked as far as it knows.',
    request: z.strictObject({}),
    reply: z.strictObject({
      node: z.string(),
      root: z.strictObject({ key: z.string(), here: z.boolean().describe('Whether its secret lies on this node') }),
      user: z.strictObject({ name: z.string(), key: z.string(), untilMs: z.number() }).optional(),
      revoked: z.array(z.strictObject({ target: z.string(), by: z.string(), untilMs: z.number() }))
    }),
    at: 'any',
    capability: 'access.self',
    repeat: 'safe',
    errors: [],
    example: {}
  }),
  session: call({
    number: 95,
    family,
    manual: 'Make a link by which a browser opens a session with the asked node\'s gateway, once, within a minute.',
    request: z.strictObject({ ttlMs: lifeMs.default(12 * 3_600_000) }),
    reply: z.strictObject({ url: z.string().describe('To be opened, once'), expiresMs: z.number() }),
    at: 'any',
    capability: 'access.self',
    repeat: 'once',
    errors: ['ENOSYS'],
    example: {}
  })
} as const

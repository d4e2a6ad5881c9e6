import { z } from 'zod'
import { DNS_LABEL } from '@welkin/interface'
import { call } from '../row.ts'
import { bytes, given, lifeMs } from '../schemas.ts'

const family = 'access'
const HOUR_MS = 3_600_000

const userName = z.string().regex(DNS_LABEL, 'must be a DNS label, e.g. alice')
const password = z.string().min(1).max(1024).describe('Told to the asked node alone, which sends it to nobody')
/** A step of OPAQUE, for the two sides alone to read. */
const step = z.string().min(1).max(4096)
const stepId = z.string().regex(/^[0-9a-f]{32}$/)
const secretName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be such as github.token')
const sinceMs = z.number().min(0).describe('When its password was set; wall clock')

const holders = z.array(z.string()).describe('The nodes that keep the key, locked')

/** Members keep for one another what opens users' keys, and give it to whoever has the password, wherever that is. */
const amongMembers = { family, at: 'any', capability: 'access.secstore', peers: true } as const

export const users = {
  'user.add': call({
    number: 85,
    family,
    manual: 'Make a user, whose key opens to a password at every node.',
    request: z.strictObject({
      name: userName,
      password,
      ttlMs: lifeMs.default(365 * 24 * HOUR_MS).describe('How long the user may do anything'),
      ...given
    }),
    reply: z.strictObject({ name: z.string(), key: z.string(), expiresMs: z.number(), holders }),
    at: 'any',
    capability: 'access.users',
    here: true,
    repeat: 'once',
    audited: true,
    errors: ['EEXIST', 'ENOSPC', 'EIO'],
    example: { name: 'alice', password: 'correct horse battery staple', role: 'user' }
  }),
  'user.list': call({
    number: 86,
    family,
    manual: 'Say who the users are, and at how many nodes their keys are kept.',
    request: z.strictObject({
      scope: z.enum(['node', 'cloud']).default('cloud').describe('What the asked node keeps, or what any does')
    }),
    reply: z.strictObject({
      users: z.array(z.strictObject({
        name: z.string(),
        key: z.string(),
        sinceMs,
        expiresMs: z.number().optional().describe('Left out: never'),
        holders,
        record: bytes.optional().describe('As it is kept, signed by the user; of the scope `node` alone')
      })),
      silent: z.array(z.string()).describe('Nodes that did not answer')
    }),
    at: 'any',
    capability: 'access.users',
    repeat: 'safe',
    errors: ['EIO'],
    example: {}
  }),
  'user.remove': call({
    number: 87,
    family,
    manual: 'Take back all that a user has, everywhere and for good, and forget the key.',
    request: z.strictObject({ name: userName }),
    reply: z.strictObject({ name: z.string(), key: z.string() }),
    at: 'any',
    capability: 'access.users',
    repeat: 'once',
    audited: true,
    errors: ['ENOENT', 'EPERM'],
    example: { name: 'alice' }
  }),
  login: call({
    number: 88,
    family,
    manual: 'Unlock a user\'s key at the asked node, so that its owner asks in the user\'s name from then on.',
    request: z.strictObject({
      name: userName,
      password,
      forMs: z.int().min(1000).max(14 * 24 * HOUR_MS).default(12 * HOUR_MS).describe('When the key is forgotten')
    }),
    reply: z.strictObject({ name: z.string(), key: z.string(), untilMs: z.number() }),
    at: 'any',
    capability: 'none',
    here: true,
    repeat: 'safe',
    audited: true,
    errors: [],
    example: { name: 'alice', password: 'correct horse battery staple' }
  }),
  logout: call({
    number: 89,
    family,
    manual: 'Forget the user\'s key at the asked node; what was started in the user\'s name goes on.',
    request: z.strictObject({}),
    reply: z.strictObject({ name: z.string().optional().describe('Who had logged in; left out: nobody') }),
    at: 'any',
    capability: 'none',
    here: true,
    repeat: 'safe',
    audited: true,
    errors: [],
    example: {}
  }),
  passwd: call({
    number: 90,
    family,
    manual: 'Give a user another password.',
    request: z.strictObject({ name: userName, old: password, new: password }),
    reply: z.strictObject({ name: z.string(), holders }),
    at: 'any',
    capability: 'none',
    here: true,
    repeat: 'once',
    audited: true,
    errors: ['ENOSPC', 'EIO'],
    example: { name: 'alice', old: 'correct horse battery staple', new: 'four other words here' }
  }),
  'cloud.lock': call({
    number: 91,
    family,
    manual: 'Put the cloud\'s root key, which lies on the asked node, under a password, as the user `root`.',
    request: z.strictObject({ password }),
    reply: z.strictObject({ key: z.string(), holders }),
    at: 'any',
    capability: 'access.root',
    here: true,
    repeat: 'once',
    audited: true,
    errors: ['ENOENT', 'ENOSPC', 'EIO'],
    example: { password: 'correct horse battery staple' }
  }),
  'secret.prepare': call({
    number: 92,
    ...amongMembers,
    manual: 'Answer the first step of a registration, and wait a minute for the second.',
    request: z.strictObject({ user: userName, message: step }),
    reply: z.strictObject({
      ticket: stepId,
      answer: step,
      setupDigest: z.string().describe('Of the secret that the holder has drawn for this user'),
      taken: z.boolean().describe('There is a user of that name')
    }),
    repeat: 'once',
    errors: ['EIO'],
    example: { user: 'alice', message: 'c3RlcA' }
  }),
  'secret.hold': call({
    number: 93,
    ...amongMembers,
    manual: 'Keep what opens a user\'s key: as the second step of a registration, or as a copy of another holder\'s.',
    request: z.strictObject({
      record: bytes,
      ticket: stepId.optional(),
      setup: step.describe('The holder\'s own secret for this user, where it is a copy').optional()
    }),
    reply: z.strictObject({}),
    repeat: 'safe',
    errors: ['EEXIST', 'ESTALE', 'ENOSPC', 'EIO'],
    example: { record: new Uint8Array(), ticket: '0123456789abcdef0123456789abcdef' }
  }),
  'secret.holders': call({
    number: 102,
    ...amongMembers,
    strangers: true,
    manual: 'Say which nodes are to be asked for a user\'s key, in order, whether or not there is that user.',
    request: z.strictObject({ user: userName }),
    reply: z.strictObject({ holders: z.array(z.string()) }),
    repeat: 'safe',
    errors: [],
    example: { user: 'alice' }
  }),
  'secret.begin': call({
    number: 94,
    ...amongMembers,
    strangers: true,
    manual: 'Answer the first step of a login, which counts as a guess until the second.',
    request: z.strictObject({ user: userName, message: step }),
    reply: z.strictObject({ login: stepId, answer: step }),
    repeat: 'once',
    errors: ['ENOENT', 'EIO'],
    example: { user: 'alice', message: 'c3RlcA' }
  }),
  'secret.open': call({
    number: 99,
    ...amongMembers,
    strangers: true,
    manual: 'Give a user\'s locked key to whoever proves to have the password.',
    request: z.strictObject({ login: stepId, message: step }),
    reply: z.strictObject({ record: bytes }),
    repeat: 'once',
    errors: ['EIO'],
    example: { login: '0123456789abcdef0123456789abcdef', message: 'c3RlcA' }
  }),
  'secret.offer': call({
    number: 96,
    ...amongMembers,
    manual: 'Say which of a holder\'s records are lacking here, or older.',
    request: z.strictObject({ users: z.array(z.strictObject({ name: userName, sinceMs })).max(1000) }),
    reply: z.strictObject({ wanted: z.array(z.string()) }),
    repeat: 'safe',
    errors: ['EIO'],
    example: { users: [{ name: 'alice', sinceMs: 0 }] }
  }),
  'secret.keep': call({
    number: 97,
    family,
    manual: 'Keep a secret of the user who has logged in at the asked node, locked by the user\'s key.',
    request: z.strictObject({
      name: secretName,
      bytes: bytes.describe('At most 64 KiB; left out: the secret is forgotten').optional()
    }),
    reply: z.strictObject({ name: z.string(), holders }),
    at: 'any',
    capability: 'store.put',
    here: true,
    repeat: 'safe',
    audited: true,
    errors: ['ENOSPC', 'EIO'],
    example: { name: 'github.token', bytes: new Uint8Array() }
  }),
  'secret.fetch': call({
    number: 98,
    family,
    manual: 'Give a secret back to the user who has logged in at the asked node.',
    request: z.strictObject({ name: secretName }),
    reply: z.strictObject({ bytes }),
    at: 'any',
    capability: 'store.get',
    here: true,
    repeat: 'safe',
    errors: ['ENOENT', 'EIO'],
    example: { name: 'github.token' }
  })
} as const

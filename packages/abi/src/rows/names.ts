import { z } from 'zod'
import { call, conversation } from '../row.ts'
import { blobId, nameInCloud, nameTarget, nodeId, objectId, portNumbers } from '../schemas.ts'

const family = 'names'
const DAY_MS = 86_400_000

const rule = z.enum(['both', 'latest', 'first']).describe(
  'Which of several hold: all of them, the one bound last, or the one bound first'
)

const nameEntry = z.strictObject({
  object: objectId.optional(),
  node: nodeId.optional().describe('Where the object is; or what the name means'),
  blob: blobId.optional(),
  alias: nameInCloud.optional().describe('Another name, which says what this one means'),
  label: z.string().max(253).optional().describe('Which of several objects: `2` of web.2'),
  ports: portNumbers,
  by: z.string().max(64).describe('Who has bound it: a principal'),
  boundAtMs: z.number(),
  untilMs: z.number().describe('It is forgotten then, unless it is bound again')
})

const nameRecord = z.strictObject({
  name: nameInCloud.describe('In full'),
  rule,
  entries: z.array(nameEntry).describe('Those that hold by the rule, oldest first'),
  ttlMs: z.number().describe('For so long it may be remembered')
})

export const names = {
  'name.bind': call({
    number: 30,
    family,
    manual: 'Let a name stand for an object, a node, a blob or another name; the asked node renews it while it can.',
    request: z.strictObject({
      name: nameInCloud.describe('In full, such as web.alice.acme, or in the caller\'s own domain'),
      to: nameTarget,
      ports: portNumbers.default({}).describe('Where it listens, by name'),
      rule: rule.default('latest'),
      ttlMs: z.int().min(0).max(DAY_MS).default(10_000).describe('For so long others may remember it unasked'),
      keepMs: z.int().min(1000).max(30 * DAY_MS).default(DAY_MS).describe('It lasts so long without being renewed')
    }),
    reply: z.strictObject({ name: nameInCloud, untilMs: z.number(), holders: z.int() }),
    at: 'any',
    capability: 'names.bind',
    aboutName: true,
    actsOn: true,
    audited: true,
    repeat: 'safe',
    errors: ['EEXIST', 'ENOENT', 'ENOSPC', 'EIO'],
    example: { name: 'web', to: { object: 'greet' }, ports: { http: 8080 } }
  }),
  'name.unbind': call({
    number: 31,
    family,
    manual: 'Take back what a name stands for: all of it, or one of several.',
    request: z.strictObject({ name: nameInCloud, to: nameTarget.optional() }),
    reply: z.strictObject({ name: nameInCloud, removed: z.int() }),
    at: 'any',
    capability: 'names.bind',
    aboutName: true,
    actsOn: true,
    audited: true,
    repeat: 'safe',
    errors: ['ENOENT', 'EIO'],
    example: { name: 'web' }
  }),
  'name.resolve': call({
    number: 32,
    family,
    manual: 'Say what a name stands for. Nodes, zones and objects have names of their own: n1.node.acme, ' +
      'r1.lyon.zone.acme, greet.object.acme.',
    request: z.strictObject({
      name: nameInCloud,
      fresh: z.boolean().default(false).describe('Ask the holders, whatever is remembered')
    }),
    reply: nameRecord,
    at: 'any',
    capability: 'names.read',
    peers: true,
    repeat: 'safe',
    errors: ['ENOENT'],
    example: { name: 'web.acme' }
  }),
  'name.list': call({
    number: 33,
    family,
    manual: 'List the names in a domain, itself included; name the nodes that did not answer.',
    request: z.strictObject({
      under: nameInCloud.optional().describe('Left out: all of the cloud\'s'),
      here: z.boolean().default(false).describe('Only those that the asked node keeps')
    }),
    reply: z.strictObject({
      names: z.array(nameRecord),
      silent: z.array(z.string()).describe('Nodes that did not answer: names may be missing here')
    }),
    at: 'any',
    capability: 'names.read',
    peers: true,
    repeat: 'safe',
    errors: [],
    example: { under: 'acme' }
  }),
  'name.watch': conversation({
    number: 34,
    family,
    manual: 'Say what names stand for, one item a name, and again whenever that changes; without entries: nothing.',
    request: z.strictObject({ names: z.array(nameInCloud).max(1000).default([]) }),
    input: z.strictObject({
      watch: z.array(nameInCloud).max(1000).optional(),
      forget: z.array(nameInCloud).max(1000).optional()
    }),
    reply: nameRecord.extend({ asked: nameInCloud.describe('The name as it was given') }),
    at: 'any',
    capability: 'names.read',
    peers: true,
    repeat: 'safe',
    errors: ['ENOENT'],
    example: { names: ['web.acme'] }
  })
} as const

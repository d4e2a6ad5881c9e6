import { z } from 'zod'
import { call, conversation, stream } from '../row.ts'
import { bytes, dialTarget, messageId, nameInCloud, objectId, objectRef, portName, portRef } from '../schemas.ts'

const family = 'communication'

const mailbox = portName.default('in').describe('Which of its mailboxes')
const body = bytes.describe('At most 1 MiB')
const session = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits')

const letter = z.strictObject({
  id: messageId,
  from: z.string().max(128).describe('Whose it is: a principal'),
  body,
  sentAtMs: z.number()
})

export const communication = {
  dial: conversation({
    number: 40,
    family,
    manual: 'Talk to what has a name, wherever it is: bytes both ways, each ended by itself. The first item is ' +
      'empty: somebody is there; with `session` it is the map (MessagePack) of `object` and `port`, for `connect`.',
    request: z.strictObject({
      to: dialTarget,
      patienceMs: z.int().min(1).max(600_000).default(10_000).describe('So long it may take until somebody is there'),
      resumable: z.boolean().default(false)
        .describe('A connection that breaks between the nodes is mended, and nothing lost or doubled'),
      session: session.optional()
        .describe('Resumable, by who asks: it speaks in frames, and goes on by `connect`, from wherever it is then')
    }),
    input: bytes,
    reply: bytes,
    at: 'any',
    capability: 'communication.dial',
    actsOn: true,
    duplex: true,
    repeat: 'safe',
    errors: ['ECONNREFUSED', 'ENOENT'],
    example: { to: 'web.alice.acme:http' }
  }),
  connect: conversation({
    number: 41,
    family,
    manual: 'Talk to an object by one of its ports. The first item is empty: somebody is there.',
    request: z.strictObject({
      id: objectRef,
      port: portRef.optional().describe('Left out: the only one'),
      session: session.optional().describe('Resumable: what goes both ways is numbered, and can be gone on with'),
      again: z.boolean().default(false).describe('Go on with the session')
    }),
    input: bytes,
    reply: bytes,
    at: 'object',
    capability: 'communication.dial',
    peers: true,
    duplex: true,
    repeat: 'safe',
    errors: ['ECONNREFUSED', 'ENOENT', 'ESRCH'],
    example: { id: 'greet', port: 'http' }
  }),
  listen: stream({
    number: 42,
    family,
    manual: 'Wait, as an object, for those who dial one of its ports; each is an item, to be accepted soon.',
    request: z.strictObject({
      port: portName,
      resumable: z.boolean().default(false)
        .describe('The object goes on by itself with conversations that are resumable: they speak in frames')
    }),
    reply: z.strictObject({
      connection: z.string().describe('For `accept`'),
      from: z.string().describe('Who dials: a principal'),
      session: session.optional().describe('It is resumable, and known by this'),
      again: z.boolean().optional().describe('It goes on: the object knows it, or fails it with ENOENT')
    }),
    at: 'any',
    capability: 'communication.listen',
    ownObject: true,
    repeat: 'safe',
    errors: ['EBUSY', 'EPERM'],
    example: { port: 'chat' }
  }),
  accept: conversation({
    number: 43,
    family,
    manual: 'Talk, as an object, to one who has dialled it.',
    request: z.strictObject({ connection: z.string().max(64) }),
    input: bytes,
    reply: bytes,
    at: 'any',
    capability: 'communication.listen',
    ownObject: true,
    duplex: true,
    repeat: 'safe',
    errors: ['ENOENT', 'EPERM'],
    example: { connection: '00000000000000000000000000000004' }
  }),
  send: call({
    number: 44,
    family,
    manual: 'Put a letter into mailboxes: of one object (always the same), of any that takes it, or of all that the ' +
      'name stands for. It arrives once for each id, or an error says that it may not have.',
    request: z.strictObject({
      to: z.union([
        z.strictObject({ name: nameInCloud }), z.strictObject({ object: objectRef }), z.strictObject({ cp: objectId })
      ]),
      mailbox,
      mode: z.enum(['one', 'any', 'all']).default('one'),
      id: messageId.optional().describe('Left out: drawn by chance'),
      body
    }),
    reply: z.strictObject({
      id: messageId,
      delivered: z.array(objectId),
      failed: z.array(z.strictObject({ object: objectId, code: z.string() })).describe('Who did not get it')
    }),
    at: 'any',
    capability: 'communication.dial',
    actsOn: true,
    repeat: 'safe',
    errors: ['ENOENT', 'ENOSPC', 'EIO', 'ESRCH'],
    example: { to: { object: 'greet' }, body: new Uint8Array([104, 105]) }
  }),
  deliver: call({
    number: 45,
    family,
    manual: 'Put a letter into a mailbox of an object; EAGAIN while that is full.',
    request: z.strictObject({ id: objectRef, mailbox, letter: messageId, body, sentAtMs: z.number() }),
    reply: z.strictObject({ id: objectId, fresh: z.boolean().describe('False: one of that id had come before') }),
    at: 'object',
    capability: 'communication.dial',
    repeat: 'safe',
    errors: ['ENOENT', 'ENOSPC', 'EIO', 'ESRCH'],
    example: { id: 'greet', letter: 'hello-1', body: new Uint8Array([104, 105]), sentAtMs: 0 }
  }),
  receive: conversation({
    number: 46,
    family,
    manual: 'Read, as an object, what is in its mailbox and what comes. What is not acknowledged when this ends ' +
      'comes to whoever reads next.',
    request: z.strictObject({
      mailbox,
      ahead: z.int().min(1).max(1024).default(16).describe('So many may be read and not acknowledged yet')
    }),
    input: z.strictObject({ ack: messageId }),
    reply: letter,
    at: 'any',
    capability: 'communication.listen',
    ownObject: true,
    repeat: 'safe',
    errors: ['EPERM', 'EIO', 'ENOSPC'],
    example: {}
  }),
  'mail.next': call({
    number: 47,
    family,
    manual: 'Wait, as an object, for the first letter in its mailbox that nobody else reads. It is first again until ' +
      'it is acknowledged.',
    request: z.strictObject({
      mailbox,
      ack: messageId.optional().describe('Acknowledge this one before'),
      patienceMs: z.int().min(0).max(2 ** 31 - 1).optional().describe('Left out: as long as it takes')
    }),
    reply: z.strictObject({ letter: letter.optional().describe('Left out: none came in time') }),
    at: 'any',
    capability: 'communication.listen',
    ownObject: true,
    repeat: 'safe',
    errors: ['EPERM', 'EIO', 'ENOSPC', 'ESTALE'],
    example: { ack: 'hello-1', patienceMs: 10_000 }
  })
} as const

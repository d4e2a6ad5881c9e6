import { DNS_LABEL } from '@welkin/interface'
import { z } from 'zod'
import { nodeQuery } from '../query-schemas.ts'
import { call, conversation, stream } from '../row.ts'
import {
  blobId, bytes, capabilityChain, errorRecord, isolation, limits, network, objectId, objectInfo, objectMatch,
  objectName, objectRef, objectSpec, objectState, outputChunk, outputFile, outputPosition, placementExplanation,
  placeRef, portName, portNumbers, ports, taskExit
} from '../schemas.ts'

const family = 'processes'
const id = objectRef
const graceMs = z.int().min(0).max(86_400_000).default(5000)

export const processes = {
  spawn: call({
    number: 1,
    family,
    manual: 'Start objects of one program, once for each request id and asked node: where `on` says, else spread ' +
      'over the nodes that have most room.',
    request: z.strictObject({
      ...objectSpec.shape,
      name: z.string().regex(DNS_LABEL, 'must be a DNS label').optional()
        .describe('The object\'s name; of several: NAME.0, NAME.1, …'),
      count: z.int().min(1).max(100_000).default(1),
      on: placeRef.optional(),
      cp: objectId.describe('The cloud process that they join; left out: a new one').optional(),
      query: z.union([z.string().max(16_384), nodeQuery]).optional()
        .describe('Which nodes may be chosen, in which order and how spread (see docs/find.md); its limit is ignored'),
      explain: z.boolean().default(false).describe('Say why the objects went where they went')
    }),
    reply: z.strictObject({
      cp: objectId,
      objects: z.array(z.strictObject({ id: objectId, name: z.string().optional(), node: z.string() })),
      explanation: placementExplanation.optional()
    }),
    at: 'any',
    capability: 'processes.spawn',
    actsOn: true,
    audited: true,
    repeat: 'once',
    errors: ['EEXIST', 'EHOSTDOWN', 'ENOENT', 'ENOSPC', 'ENOSYS'],
    example: { program: { argv: ['echo', 'hello'] }, name: 'greet' }
  }),
  kill: call({
    number: 2,
    family,
    manual: 'End an object with all its processes: ask first, force after `graceMs`; reply when it has ended.',
    request: z.strictObject({ id, graceMs }),
    reply: z.strictObject({ id: objectId, exit: taskExit }),
    at: 'object',
    capability: 'processes.kill',
    audited: true,
    repeat: 'safe',
    errors: ['ENOENT'],
    example: { id: 'greet' }
  }),
  signal: call({
    number: 3,
    family,
    manual: 'Send a signal to an object: to its handler where it has one for it, else to its main process.',
    request: z.strictObject({ id, signal: z.string().min(1).max(64) }),
    reply: z.strictObject({ id: objectId, to: z.enum(['handler', 'process']) }),
    at: 'object',
    capability: 'processes.signal',
    repeat: 'once',
    errors: ['ENOENT', 'ESRCH'],
    example: { id: 'greet', signal: 'SIGHUP' }
  }),
  wait: call({
    number: 4,
    family,
    manual: 'Wait until an object has ended for good, and say how.',
    request: z.strictObject({ id }),
    reply: z.strictObject({
      id: objectId,
      exit: taskExit,
      endedAtMs: z.number().optional(),
      outputs: z.array(outputFile)
    }),
    at: 'object',
    capability: 'processes.read',
    repeat: 'safe',
    errors: ['ENOENT'],
    example: { id: 'greet' }
  }),
  stat: call({
    number: 5,
    family,
    manual: 'Say everything about one object.',
    request: z.strictObject({ id }),
    reply: objectInfo,
    at: 'object',
    capability: 'processes.read',
    repeat: 'safe',
    errors: ['ENOENT'],
    example: { id: 'greet' }
  }),
  list: call({
    number: 6,
    family,
    manual: 'List objects in the order of their ids, a page at a time; name the nodes that did not answer.',
    request: z.strictObject({
      ended: z.boolean().default(false).describe('Ended ones too'),
      cp: objectId.optional(),
      state: objectState.optional(),
      on: placeRef.optional(),
      here: z.boolean().default(false).describe('Only those of the asked node'),
      after: objectId.describe('The `next` of the page before').optional(),
      limit: z.int().min(1).max(1000).default(500)
    }),
    reply: z.strictObject({
      objects: z.array(objectInfo),
      next: objectId.optional().describe('There are more after this one'),
      silent: z.array(z.string()).describe('Nodes whose objects may be missing here')
    }),
    at: 'any',
    capability: 'processes.read',
    peers: true,
    filtered: true,
    repeat: 'safe',
    errors: ['ENOENT'],
    example: { ended: true }
  }),
  logs: stream({
    number: 7,
    family,
    manual: 'Read what an object has written; with `follow`, go on until it has ended.',
    request: z.strictObject({
      id,
      from: outputPosition.prefault({}),
      tailBytes: z.int().min(0).max(2 ** 40).describe('Only the last so many bytes of each stream').optional(),
      follow: z.boolean().default(false)
    }),
    reply: outputChunk,
    at: 'object',
    capability: 'processes.read',
    readOn: (args, from) => ({ ...args, from, tailBytes: undefined }),
    repeat: 'safe',
    errors: ['ENOENT'],
    example: { id: 'greet', follow: true }
  }),
  attach: conversation({
    number: 8,
    family,
    manual: 'Join an object\'s standard streams until it has ended; the last item says how.',
    request: z.strictObject({
      id,
      from: outputPosition.optional().describe('Left out: only what is written from now on'),
      input: z.boolean().default(false).describe('The caller sends standard input, and its end closes it')
    }),
    input: z.strictObject({ bytes }),
    reply: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('output'), ...outputChunk.shape }),
      z.strictObject({ kind: z.literal('exit'), exit: taskExit })
    ]),
    at: 'object',
    capability: 'processes.attach',
    readOn: (args, from) => ({ ...args, from }),
    repeat: 'safe',
    errors: ['ENOENT', 'EPIPE'],
    example: { id: 'greet' }
  }),
  handle: conversation({
    number: 9,
    family,
    manual: 'Register, as an object, a handler for signals; each arrives as an item and is answered by its number.',
    request: z.strictObject({ signals: z.array(z.string().min(1).max(64)).min(1).max(64) }),
    input: z.strictObject({
      number: z.int(),
      error: errorRecord.optional(),
      file: z.string().min(1).max(4096).optional().describe('To `checkpoint`: the state, as a file of its directory'),
      blob: blobId.optional().describe('Or as a blob'),
      bytes: bytes.optional().describe('Or as it is')
    }),
    reply: z.strictObject({
      number: z.int(), signal: z.string(),
      stop: z.boolean().optional().describe('Once it has answered it stands still until it hears `resume`')
    }),
    at: 'any',
    capability: 'processes.handle',
    ownObject: true,
    repeat: 'safe',
    errors: ['EPERM', 'EBUSY'],
    example: { signals: ['SIGHUP', 'checkpoint'] }
  }),
  remove: call({
    number: 10,
    family,
    manual: 'Forget an ended object with what it wrote.',
    request: z.strictObject({ id }),
    reply: z.strictObject({ id: objectId }),
    at: 'object',
    capability: 'processes.kill',
    repeat: 'safe',
    errors: ['ENOENT', 'EBUSY'],
    example: { id: 'greet' }
  }),
  locate: call({
    number: 11,
    family,
    manual: 'Say which objects of the asked node go by this id, prefix or name.',
    request: z.strictObject({ ref: objectRef }),
    reply: z.strictObject({ matches: z.array(objectMatch) }),
    at: 'any',
    capability: 'processes.read',
    peers: true,
    repeat: 'safe',
    errors: [],
    example: { ref: 'greet' }
  }),
  host: call({
    number: 12,
    family,
    manual: 'Take these objects, all or none, on the asked node itself, which decides by what it has promised.',
    request: z.strictObject({
      cp: objectId,
      spec: objectSpec,
      objects: z.array(z.strictObject({ id: objectId, name: objectName.optional() })).min(1).max(10_000),
      reservation: objectId.optional().describe('What `reserve` has given: room that is kept for them'),
      chain: capabilityChain.optional().describe('By what the asked node may act for them')
    }),
    reply: z.strictObject({ hosted: z.int() }),
    at: 'any',
    capability: 'processes.spawn',
    repeat: 'safe',
    errors: ['ENOSPC', 'ENOSYS'],
    example: {
      cp: '00000000000000000000000000000001',
      spec: { program: { argv: ['true'] } },
      objects: [{ id: '00000000000000000000000000000002' }]
    }
  }),
  reserve: call({
    number: 13,
    family,
    manual: 'Keep room on the asked node for objects to come, as many as it has room for, for a short time.',
    request: z.strictObject({
      driver: z.string().max(64).default('native'),
      limits: limits.default({}),
      isolation: isolation.optional(),
      network: network.optional(),
      count: z.int().min(1).max(100_000),
      ttlMs: z.int().min(100).max(60_000).default(10_000).describe('Unless it is used by then it lapses')
    }),
    reply: z.strictObject({
      reservation: objectId.optional().describe('To be given to `host`; left out: there is no room at all'),
      granted: z.int(),
      why: z.string().optional().describe('What there is no more room for')
    }),
    at: 'any',
    capability: 'processes.spawn',
    repeat: 'once',
    errors: [],
    example: { count: 2, limits: { cpu: 1 } }
  }),
  release: call({
    number: 14,
    family,
    manual: 'Give up a reservation on the asked node.',
    request: z.strictObject({ reservation: objectId }),
    reply: z.strictObject({}),
    at: 'any',
    capability: 'processes.spawn',
    peers: true,
    repeat: 'safe',
    errors: [],
    example: { reservation: '00000000000000000000000000000003' }
  }),
  expose: call({
    number: 15,
    family,
    manual: 'Say where an object that runs can be talked to, beside what was said when it was spawned.',
    request: z.strictObject({
      id,
      ports: ports.default({}),
      hide: z.array(portName).max(64).default([]).describe('Ports that are to be had no more')
    }),
    reply: z.strictObject({ id: objectId, ports: portNumbers }),
    at: 'object',
    capability: 'processes.expose',
    audited: true,
    repeat: 'safe',
    errors: ['ENOENT', 'ESRCH', 'ENOSPC', 'EIO'],
    example: { id: 'greet', ports: { http: 8080 } }
  })
} as const

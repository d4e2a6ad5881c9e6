import { z } from 'zod'
import { nodeQuery } from '../query-schemas.ts'
import { call, stream, upload } from '../row.ts'
import {
  blobId, bytes, capabilityChain, nodeId, objectId, objectName, objectRef, objectSpec, outputChunk, outputPosition,
  placeRef, ports
} from '../schemas.ts'

const family = 'processes'
const capability = 'processes.migrate'
const id = objectRef
const move = objectId.describe('The move that it is about')
const object = objectId
const page = z.union([blobId, z.literal('')]).describe('By its hash; empty: nothing but zeros')
const PAGES_MAX = 1 << 20
const EXAMPLE = '00000000000000000000000000000001'

/** How its state is taken: while it runs, when it stands still, by a file of its own making, not at all. */
const manner = z.enum(['live', 'stop', 'restart'])

const copying = {
  roundsMax: z.int().min(1).max(100).default(10).describe('Copies of what has changed, while it runs on'),
  downMsMax: z.int().min(1).max(600_000).default(300)
    .describe('It is stopped for the last copy when that will take no longer than this'),
  giveUp: z.boolean().default(false).describe('It writes faster than can be copied: give up rather than stop it'),
  restart: z.boolean().default(false).describe('Where its state cannot be taken: end it, and start it there anew')
}

const cost = z.strictObject({
  id: objectId,
  from: nodeId,
  to: nodeId,
  manner,
  bytes: z.number().describe('Of its state, zeros left out'),
  dirtyBytesPerSecond: z.number().describe('What it writes to meanwhile'),
  bandwidthBytesPerSecond: z.number().optional(),
  rttMs: z.number().optional(),
  totalMs: z.number().optional().describe('Expected; left out: the way is not known'),
  downMs: z.number().optional().describe('The part of it in which it stands still')
})

/** Parts of the time in which it stands still. */
const down = z.strictObject({
  captureMs: z.number().describe('Until its state is taken'),
  copyMs: z.number().describe('Until the last of it is at the target, and ready there'),
  noteMs: z.number().describe('Until it is noted, and decided, that it goes'),
  takeMs: z.number().describe('Until it has begun there')
}).optional()

const moved = z.strictObject({
  id: objectId, from: nodeId, to: nodeId, totalMs: z.number(), downMs: z.number(), bytes: z.number(), rounds: z.int(),
  down
})

/** Where an object was before. */
export const places = z.array(z.strictObject({ node: nodeId, epoch: z.int().min(0) })).max(64)

/** What a node is told of an object that may go on there. */
export const movedRecord = z.strictObject({
  id: objectId,
  cp: objectId,
  name: objectName.optional(),
  spec: objectSpec,
  spawnedAtMs: z.number(),
  token: z.string().max(64),
  attempt: z.int().min(0),
  epoch: z.int().min(0),
  owner: z.string().max(128).optional(),
  keepers: z.array(nodeId).max(5).optional(),
  places: places.optional(),
  ports: ports.optional().describe('Left out: those of its spec'),
  chain: capabilityChain
})

const piece = z.strictObject({
  stream: z.enum(['stdout', 'stderr']), offset: z.int().min(0), sizeBytes: z.int().min(0), blob: blobId
})

/** What others keep for an object, by who does. */
const belongings = z.array(z.strictObject({
  carrier: z.string().max(64), pages: z.array(blobId).max(PAGES_MAX)
})).max(16)

/** All of a state but its pages. */
const stateParts = {
  manner, header: bytes, output: outputPosition, earlier: z.array(piece).max(10_000),
  belongings: belongings.optional().describe('What others keep for it: mail')
}

const about = z.strictObject({ move, object })
const example = { move: EXAMPLE, object: EXAMPLE }

const wanted = {
  to: z.union([placeRef, z.string().max(16_384), nodeQuery]).optional()
    .describe('A node, a zone, or a query (docs/find.md); left out: wherever is best'),
  near: z.array(z.string().min(1).max(256)).max(8).optional(),
  awayFrom: z.array(placeRef).max(8).optional()
}

export const migration = {
  migrate: stream({
    number: 16,
    family,
    manual: 'Move objects while they run, all or none; tell how far it is, and in the end what it took.',
    request: z.strictObject({
      ids: z.array(objectRef).min(1).max(100),
      ...wanted,
      ...copying,
      explain: z.boolean().default(false).describe('Say where they would go and what it would cost, and move nothing')
    }),
    reply: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('plan'), ...cost.shape }),
      z.strictObject({
        kind: z.literal('progress'), id: objectId, phase: z.enum(['reserved', 'copying', 'offered', 'committed']),
        round: z.int().optional(), bytes: z.number().optional()
      }),
      z.strictObject({ kind: z.literal('moved'), ...moved.shape })
    ]),
    at: 'any',
    capability,
    actsOn: true,
    filtered: true,
    audited: true,
    repeat: 'safe',
    errors: ['ENOENT', 'ESRCH', 'EBUSY', 'ESTALE', 'ENOSPC', 'EINVAL'],
    example: { ids: ['greet'], to: 'n3' }
  }),
  checkpoint: call({
    number: 17,
    family,
    manual: 'Keep the state of an object at this moment as blobs of its node, while it runs on.',
    request: z.strictObject({ id }),
    reply: z.strictObject({
      checkpoint: blobId, bytes: z.number().describe('Of its state, zeros left out'),
      fresh: z.number().describe('Of these, what its node had not got')
    }),
    at: 'object',
    capability: 'processes.checkpoint',
    audited: true,
    repeat: 'safe',
    errors: ['ENOENT', 'ESRCH', 'ENOSPC', 'EIO', 'ESTALE'],
    example: { id: 'greet' }
  }),
  restore: call({
    number: 18,
    family,
    manual: 'Start a new object that goes on from a checkpoint; the object of which it was taken is left alone.',
    request: z.strictObject({
      checkpoint: blobId, ...wanted, name: objectName.describe('Left out: it has none').optional()
    }),
    reply: z.strictObject({ id: objectId, node: nodeId }),
    at: 'any',
    capability: 'processes.spawn',
    actsOn: true,
    audited: true,
    repeat: 'once',
    errors: ['ENOENT', 'EIO', 'ENOSPC', 'ENOSYS'],
    example: { checkpoint: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }
  }),
  drain: stream({
    number: 19,
    family,
    manual: 'Move away from the asked node whatever can be moved; tell of each object where it went, or why it stays.',
    request: z.strictObject({ ...copying }),
    reply: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('moved'), ...moved.shape }),
      z.strictObject({ kind: z.literal('stays'), id: objectId, why: z.string() })
    ]),
    at: 'any',
    capability,
    actsOn: true,
    filtered: true,
    audited: true,
    repeat: 'safe',
    errors: [],
    example: {}
  }),
  'move.size': call({
    number: 200,
    family,
    manual: 'Say what it would cost to move an object to a node.',
    request: z.strictObject({ id, to: nodeId, ...copying }),
    reply: cost,
    at: 'object',
    capability,
    repeat: 'safe',
    errors: ['ENOENT', 'ESRCH', 'ESTALE'],
    example: { id: 'greet', to: 'n3' }
  }),
  'move.spec': call({
    number: 213,
    family,
    manual: 'Say what an object is that somebody is to move, to find a node for it; wait a little until it can go.',
    request: z.strictObject({ id }),
    reply: z.strictObject({ spec: objectSpec }),
    at: 'object',
    capability,
    repeat: 'safe',
    errors: ['ENOENT', 'ESTALE'],
    example: { id: 'greet' }
  }),
  'move.copy': stream({
    number: 201,
    family,
    manual: 'Copy an object\'s state to a node while it runs on.',
    request: z.strictObject({ id, move, to: nodeId, coordinator: nodeId, ...copying }),
    reply: z.strictObject({
      phase: z.enum(['reserved', 'copying']), round: z.int().optional(), bytes: z.number().optional()
    }),
    at: 'object',
    capability,
    actsOn: true,
    repeat: 'safe',
    errors: ['ENOENT', 'ESRCH', 'EBUSY', 'ESTALE'],
    example: { id: 'greet', move: EXAMPLE, to: 'n3', coordinator: 'n1' }
  }),
  'move.stop': call({
    number: 202,
    family,
    manual: 'Have an object stand still, and its whole state be at its target.',
    request: z.strictObject({ move, object, alone: z.boolean().describe('It is the only one: that decides it') }),
    reply: z.strictObject({ bytes: z.number(), rounds: z.int(), downMs: z.number().optional(), down }),
    at: 'any',
    capability,
    peers: true,
    repeat: 'safe',
    errors: ['ESTALE', 'ESRCH', 'ENOSPC', 'EIO'],
    example: { ...example, alone: true }
  }),
  'move.go': call({
    number: 203,
    family,
    manual: 'The move is decided, one way or the other.',
    request: z.strictObject({ move, object, verdict: z.enum(['committed', 'aborted']) }),
    reply: z.strictObject({ outcome: z.enum(['gone', 'here']), downMs: z.number().optional(), down }),
    at: 'any',
    capability,
    peers: true,
    repeat: 'safe',
    errors: ['ESTALE', 'EIO', 'ENOSPC'],
    example: { ...example, verdict: 'committed' }
  }),
  'move.verdict': call({
    number: 204,
    family,
    manual: 'Say how a move was decided that the asked node coordinates.',
    request: z.strictObject({ move }),
    reply: z.strictObject({ verdict: z.enum(['committed', 'aborted', 'undecided']) }),
    at: 'any',
    capability,
    peers: true,
    repeat: 'safe',
    errors: [],
    example: { move: EXAMPLE }
  }),
  'move.offer': call({
    number: 205,
    family,
    manual: 'Keep room on the asked node for an object that comes to it.',
    request: z.strictObject({ move, source: nodeId, record: movedRecord }),
    reply: z.strictObject({}),
    at: 'any',
    capability,
    filtered: true,
    repeat: 'safe',
    errors: ['EEXIST'],
    example: {
      move: EXAMPLE, source: 'n1',
      record: {
        id: EXAMPLE, cp: EXAMPLE, spec: { program: { argv: ['true'] } }, spawnedAtMs: 0, token: '', attempt: 0,
        epoch: 0, chain: []
      }
    }
  }),
  'move.lacks': call({
    number: 206,
    family,
    manual: 'Say which of these pages the asked node has not got; those of earlier rounds are forgotten.',
    request: z.strictObject({ move, object, pages: z.array(blobId).max(PAGES_MAX) }),
    reply: z.strictObject({ lacks: z.array(z.int()).describe('By their places in the list') }),
    at: 'any',
    capability,
    peers: true,
    repeat: 'safe',
    errors: ['ESTALE'],
    example: { ...example, pages: [] }
  }),
  'move.pages': upload({
    number: 207,
    family,
    manual: 'Take pages of a state, in order.',
    request: about,
    input: bytes,
    reply: z.strictObject({ pages: z.int() }),
    at: 'any',
    capability,
    peers: true,
    repeat: 'safe',
    errors: ['ESTALE', 'ENOSPC'],
    example
  }),
  'move.state': call({
    number: 208,
    family,
    manual: 'Make a whole state ready to go on.',
    request: z.strictObject({
      move, object, ...stateParts, pages: z.array(page).max(PAGES_MAX)
    }),
    reply: z.strictObject({}),
    at: 'any',
    capability,
    peers: true,
    repeat: 'safe',
    errors: ['ESTALE', 'ENOSPC', 'ENOENT', 'EIO'],
    example: { ...example, manner: 'live', header: new Uint8Array(), pages: [], output: {}, earlier: [] }
  }),
  'move.ready': upload({
    number: 214,
    family,
    manual: 'Make a state ready to go on, of which only what has changed since the last one is sent.',
    request: z.strictObject({
      move,
      object,
      ...stateParts,
      count: z.int().min(0).max(PAGES_MAX).describe('How many pages it has'),
      places: z.array(z.int().min(0)).max(PAGES_MAX).describe('Where pages are others than before; at first, all'),
      pages: z.array(page).max(PAGES_MAX).describe('Which they are there'),
      tail: z.array(outputChunk).max(1000).describe('What it wrote last, and is no blob'),
      runsOn: z.boolean().describe('The object runs on, and another state will follow')
    }),
    input: bytes.describe('Pages that the state before has not got, each once'),
    reply: z.strictObject({}),
    at: 'any',
    capability,
    peers: true,
    repeat: 'safe',
    errors: ['ESTALE', 'ENOSPC', 'ENOENT', 'EIO'],
    example: {
      ...example, manner: 'live', header: new Uint8Array(), output: {}, earlier: [], count: 0, places: [], pages: [],
      tail: [], runsOn: true
    }
  }),
  'move.take': call({
    number: 209,
    family,
    manual: 'Take an object over, if it is ready here.',
    request: about,
    reply: z.strictObject({ taken: z.boolean() }),
    at: 'any',
    capability,
    peers: true,
    repeat: 'safe',
    errors: ['EIO', 'ENOSPC'],
    example
  }),
  'move.drop': call({
    number: 210,
    family,
    manual: 'Forget what has come of an object; or, `settled`, that it came.',
    request: z.strictObject({ move, object, settled: z.boolean().default(false) }),
    reply: z.strictObject({}),
    at: 'any',
    capability,
    peers: true,
    repeat: 'safe',
    errors: ['EIO', 'ENOSPC'],
    example
  }),
  'move.held': call({
    number: 211,
    family,
    manual: 'Say whether the asked node still has an object that went from it.',
    request: z.strictObject({ move, object, lost: z.boolean().describe('The asking node has not got it any more') }),
    reply: z.strictObject({ held: z.boolean() }),
    at: 'any',
    capability,
    peers: true,
    repeat: 'safe',
    errors: ['EIO', 'ENOSPC'],
    example: { ...example, lost: false }
  }),
  'move.restore': call({
    number: 212,
    family,
    manual: 'Start an object from a checkpoint on the asked node.',
    request: z.strictObject({
      checkpoint: blobId, object, name: objectName.optional(), chain: capabilityChain.optional()
    }),
    reply: z.strictObject({}),
    at: 'any',
    capability: 'processes.spawn',
    repeat: 'once',
    errors: ['ENOENT', 'EIO', 'ENOSPC', 'ENOSYS'],
    example: {
      checkpoint: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', object: EXAMPLE
    }
  })
} as const

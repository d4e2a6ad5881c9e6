import { z } from 'zod'
import { call } from '../row.ts'
import { blobId, nodeId, objectId } from '../schemas.ts'
import { movedRecord, places } from './migration.ts'

const family = 'processes'
const EXAMPLE = '00000000000000000000000000000001'
const kept = { object: objectId, epoch: z.int().min(0) }

export const keepers = {
  'keep.put': call({
    number: 220,
    family,
    manual: 'Keep an object\'s checkpoint, all of it, and let it run where it is for a while.',
    request: z.strictObject({
      ...kept, places, record: movedRecord, keepers: z.array(nodeId).min(1).max(5), checkpoint: blobId,
      leaseMs: z.number().min(1).max(600_000)
    }),
    reply: z.strictObject({ may: z.enum(['run', 'wait', 'end']), node: nodeId.optional() }),
    at: 'any',
    capability: 'processes.checkpoint',
    peers: true,
    repeat: 'safe',
    errors: ['ENOENT', 'EIO', 'ENOSPC'],
    example: {
      object: EXAMPLE, epoch: 1, places: [], keepers: ['n2'], leaseMs: 5000,
      checkpoint: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      record: {
        id: EXAMPLE, cp: EXAMPLE, spec: { program: { argv: ['true'] } }, spawnedAtMs: 0, token: '', attempt: 0,
        epoch: 1, chain: []
      }
    }
  }),
  'keep.renew': call({
    number: 221,
    family,
    manual: 'Let an object run where it is for a while; or, `ask`, say only whether it may.',
    request: z.strictObject({ ...kept, places, ask: z.boolean().default(false) }),
    reply: z.strictObject({ may: z.enum(['run', 'wait', 'end']), node: nodeId.optional() }),
    at: 'any',
    capability: 'processes.checkpoint',
    peers: true,
    repeat: 'safe',
    errors: ['EIO', 'ENOSPC'],
    example: { object: EXAMPLE, epoch: 1, places: [] }
  }),
  'keep.yield': call({
    number: 222,
    family,
    manual: 'Let the asking node take an object over whose node is silent; or, `drop`, it does not after all.',
    request: z.strictObject({ ...kept, drop: z.boolean().default(false) }),
    reply: z.strictObject({ granted: z.boolean() }),
    at: 'any',
    capability: 'processes.checkpoint',
    peers: true,
    repeat: 'safe',
    errors: ['EIO', 'ENOSPC'],
    example: { object: EXAMPLE, epoch: 2 }
  }),
  'keep.end': call({
    number: 223,
    family,
    manual: 'Forget an object that has ended; or, `taken`, the checkpoint of one that the asking node went on with.',
    request: z.strictObject({ ...kept, taken: z.boolean().optional() }),
    reply: z.strictObject({}),
    at: 'any',
    capability: 'processes.checkpoint',
    peers: true,
    repeat: 'safe',
    errors: ['EIO', 'ENOSPC'],
    example: { object: EXAMPLE, epoch: 1 }
  })
} as const

import { z } from 'zod'
import { call, stream, upload } from '../row.ts'
import { blobId, bytes } from '../schemas.ts'

const family = 'store'
const here = z.boolean().default(false).describe('Only what the asked node itself has')

export const store = {
  'blob.put': upload({
    number: 60,
    family,
    manual: 'Keep bytes on the asked node, and say by which hash they are found.',
    request: z.strictObject({ expected: blobId.optional().describe('Refuse anything else') }),
    input: bytes,
    reply: z.strictObject({ blob: blobId, sizeBytes: z.number() }),
    at: 'any',
    capability: 'store.put',
    repeat: 'safe',
    errors: ['ENOSPC', 'EIO'],
    example: {}
  }),
  'blob.get': stream({
    number: 61,
    family,
    manual: 'Read a blob, from whichever node has it.',
    request: z.strictObject({
      blob: blobId,
      from: z.int().min(0).default(0),
      length: z.int().min(0).optional().describe('Bytes; left out: to the end'),
      here
    }),
    reply: bytes,
    bulk: true,
    at: 'any',
    capability: 'store.get',
    peers: true,
    repeat: 'safe',
    errors: ['ENOENT', 'EIO', 'ENOSPC'],
    example: { blob: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }
  }),
  'blob.stat': call({
    number: 62,
    family,
    manual: 'Say how large a blob is and which nodes have it.',
    request: z.strictObject({ blob: blobId, here }),
    reply: z.strictObject({ blob: blobId, sizeBytes: z.number(), holders: z.array(z.string()) }),
    at: 'any',
    capability: 'store.get',
    peers: true,
    repeat: 'safe',
    errors: ['ENOENT'],
    example: { blob: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }
  }),
  'blob.remove': call({
    number: 63,
    family,
    manual: 'Remove the copy of a blob that the asked node has.',
    request: z.strictObject({ blob: blobId }),
    reply: z.strictObject({ blob: blobId }),
    at: 'any',
    capability: 'store.put',
    repeat: 'safe',
    errors: [],
    example: { blob: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }
  })
} as const

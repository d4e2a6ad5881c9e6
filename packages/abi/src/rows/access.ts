import { z } from 'zod'
import { call } from '../row.ts'

export const access = {
  whoami: call({
    number: 80,
    family: 'access',
    manual: 'Say as whom the caller is known, and which node answers.',
    request: z.strictObject({}),
    reply: z.strictObject({
      principal: z.string().describe('`owner`, `node:ID` or `object:ID`'),
      node: z.string(),
      nodeName: z.string(),
      zone: z.string(),
      version: z.string()
    }),
    at: 'any',
    capability: 'none',
    repeat: 'safe',
    errors: [],
    example: {}
  })
} as const

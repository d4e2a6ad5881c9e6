import { z } from 'zod'
import { ERRORS, type ErrorCode } from '@welkin/interface'
import { FIRST_TABLE, readBody, readParts, type Body } from './body.ts'
import { foreign } from './header.ts'

const count = z.int().min(0)
const nanoseconds = z.string().regex(/^-?\d{1,20}$/)
const text = z.string()

const common = { number: count, accessedNs: nanoseconds, changedNs: nanoseconds }
const node = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('file'), sizeBytes: count, executable: z.boolean() }),
  z.strictObject({ ...common, kind: z.literal('directory'), entries: z.array(z.tuple([text, count, count])) }),
  z.strictObject({ ...common, kind: z.literal('link'), target: text })
])

const descriptor = z.union([
  z.tuple([count, z.literal('stream'), z.enum(['stdin', 'stdout', 'stderr'])]),
  z.tuple([count, z.literal('file'), count, count, z.boolean(), z.boolean(), z.boolean()]),
  z.tuple([count, z.literal('directory'), count, text.nullable()]),
  z.tuple([count, z.literal('listener'), text, z.boolean()]),
  z.tuple([count, z.literal('conversation'), count, z.boolean()])
])

const id = z.string().regex(/^[0-9a-f]{32}$/)

const session = z.strictObject({
  acknowledgedBytes: count, keptBytes: count, ended: z.boolean(), endAcknowledged: z.boolean(),
  receivedBytes: count, untakenBytes: count, otherEnded: z.boolean()
})

const conversation = z.strictObject({
  number: count,
  id: id.nullable(),
  called: z.strictObject({ port: text, from: text }).nullable(),
  dialled: z.strictObject({
    to: text, reached: z.strictObject({ object: id, port: z.union([text, count]) }).nullable()
  }).nullable(),
  isPending: z.boolean(),
  isClosed: z.boolean(),
  isDeaf: z.boolean(),
  isFinished: z.boolean(),
  failure: z.strictObject({ code: z.enum(Object.keys(ERRORS) as ErrorCode[]), message: text }).nullable(),
  session
})

const talk = z.strictObject({
  object: text, listeners: z.array(z.tuple([text, z.boolean()])), conversations: z.array(conversation)
})

const program = z.strictObject({
  args: z.array(text),
  environment: z.array(text),
  monotonicNs: nanoseconds,
  cpuNs: nanoseconds,
  waitingSinceNs: nanoseconds.nullable(),
  signals: z.array(z.int().min(1).max(30)).nullable(),
  calling: z.strictObject({ requestId: id, name: text, args: text }).nullable(),
  written: z.strictObject({ stdout: count, stderr: count }),
  inputEnded: z.boolean(),
  hasReply: z.boolean(),
  nodes: z.array(node).min(2),
  descriptors: z.array(descriptor),
  talk
})

const number = z.string().regex(/^(-?\d{1,20}n?|-?[\d.e+-]{1,40}|NaN|-?Infinity)$/)

const guest = z.strictObject({
  fingerprint: text,
  entry: text,
  pending: z.strictObject({ module: text, name: text, args: z.array(number).max(64) }).nullable(),
  memoryPages: z.int().min(0).max(65_536),
  fuelUsed: z.number(),
  fuelLeft: z.number()
})

const written = z.strictObject({ program, guest, tables: count, lengths: z.array(count).min(FIRST_TABLE) })

/** Throws EINVAL for what is no body, or in its form could not have been one. */
export function checkBody (bytes: Uint8Array): Body {
  try {
    const { written: unchecked, partsFrom } = readBody(bytes)
    const { lengths, ...rest } = written.parse(unchecked)
    const parts = readParts(bytes, partsFrom, lengths)
    if (parts.length < FIRST_TABLE + rest.tables) throw new RangeError('it is cut')
    return { ...rest, parts }
  } catch (error) {
    throw foreign('its body cannot be read', error)
  }
}

import { z } from 'zod'
import { zone } from './schemas.ts'

/** What bounds a query, so that none is dear to read, to send on or to answer. */
export const QUERY_LIMITS = {
  /** Conditions, combinations of them, and the values that they list. */
  partsMax: 256,
  /** A condition that stands alone is one deep. */
  depthMax: 16,
  /** Of one value or target. */
  charactersMax: 256,
  /** Places that a cost is counted from. */
  nearMax: 8,
  /** Of a term of the cost. */
  weightMax: 1_000_000,
  /** That a cost is counted for. */
  bytesMax: 2 ** 60,
  rowsMax: 10_000
} as const

/** How an attribute is compared with a value. */
export const COMPARISONS = ['=', '!=', '<', '<=', '>', '>=', '~'] as const
/** How a distance is; it is never exactly so much. */
export const RTT_COMPARISONS = ['<', '<=', '>', '>='] as const
/** What the nodes of an answer can be spread over; each is a node of its own anyway. */
export const SPREADS = ['node', 'rack', 'site'] as const

const attribute = z.string().max(64).regex(/^[a-z][a-z0-9.]*$/, 'must be the name of an attribute, such as cpu.free')
const word = z.string().max(QUERY_LIMITS.charactersMax)
const value = z.union([z.number(), word])
const values = z.array(value).min(1).max(QUERY_LIMITS.partsMax)
const target = z.string().min(1).max(QUERY_LIMITS.charactersMax)
  .describe('A node, an object or a zone; `here`: the node that is asked')

const compare = z.strictObject({
  kind: z.literal('compare'),
  attribute,
  operator: z.enum(COMPARISONS)
    .describe('`~`: the word is like a pattern, in which * stands for any text and ? for one character'),
  value
})
const isOneOf = z.strictObject({ kind: z.literal('in'), attribute, values })
const has = z.strictObject({ kind: z.literal('has'), attribute, word })
const zoneIn = z.strictObject({
  kind: z.literal('zone'), zones: z.array(zone).min(1).max(QUERY_LIMITS.partsMax).describe('It stands in one of them')
})
const rtt = z.strictObject({ kind: z.literal('rtt'), target, operator: z.enum(RTT_COMPARISONS), ms: z.number().min(0) })

/** A condition that is no combination of others. */
export type Clause = z.output<typeof compare | typeof isOneOf | typeof has | typeof zoneIn | typeof rtt>

/** What a node meets or does not meet. */
export type Condition =
  | Clause
  | { kind: 'all', of: Condition[] }
  | { kind: 'any', of: Condition[] }
  | { kind: 'not', of: Condition }

// It has an id, since a schema that contains itself can be written down only by name.
const anyCondition: z.ZodType<Condition, Condition> = z.discriminatedUnion('kind', [
  compare, isOneOf, has, zoneIn, rtt,
  z.strictObject({
    kind: z.enum(['all', 'any']), get of () { return z.array(anyCondition).min(2).max(QUERY_LIMITS.partsMax) }
  }),
  z.strictObject({ kind: z.literal('not'), get of () { return anyCondition } })
]).meta({
  id: 'Condition', description: 'What a node meets or does not meet; what it does not tell meets no comparison'
})

// Its size is looked at first: a check that descends into what has no bottom would not come back.
const condition = z.preprocess((given: Condition, context) => {
  const { parts, depth } = sizeOfCondition(given)
  if (parts <= QUERY_LIMITS.partsMax && depth <= QUERY_LIMITS.depthMax) return given
  const { partsMax, depthMax } = QUERY_LIMITS
  const message = `must have at most ${partsMax} parts and be at most ${depthMax} deep`
  context.issues.push({ code: 'custom', message, input: given })
  return z.NEVER
}, anyCondition)

const weight = z.number().min(0).max(QUERY_LIMITS.weightMax)
const descending = z.boolean().default(false)

const costWeights = z.strictObject({
  latency: weight.describe('For each 100 ms of round trip').optional(),
  load: weight.describe('For a node that is full').optional(),
  price: weight.describe('For each unit of money that a CPU costs for an hour').optional(),
  transfer: weight.describe('For each second that `bytes` are on their way').optional(),
  start: weight.describe('For each second that an object waits for its image and driver').optional()
}).refine(weights => Object.values(weights).some(given => given !== undefined), 'must name something')

const nodeOrder = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('cost'),
    weights: costWeights.optional().describe('Left out: each is 1'),
    bytes: z.number().min(0).max(QUERY_LIMITS.bytesMax).describe('What has to get there').optional(),
    near: z.array(target).min(1).max(QUERY_LIMITS.nearMax)
      .describe('From where latency is counted, from the farthest; left out: from the node that is asked').optional()
  }),
  z.strictObject({ by: z.literal('rtt'), target, descending }),
  z.strictObject({ by: z.literal('attribute'), attribute, descending })
])

/** A question about nodes, as data; `packages/query` reads, writes and answers it. */
export const nodeQuery = z.strictObject({
  where: condition.optional(),
  order: nodeOrder.optional(),
  limit: z.int().min(1).max(QUERY_LIMITS.rowsMax).optional(),
  spread: z.enum(SPREADS).optional().describe('The nodes shall lie in as many of these as can be')
})

/** What a cost is made of; what is not named counts nothing. */
export type CostWeights = z.output<typeof costWeights>
/** Which nodes come first. */
export type NodeOrder = z.output<typeof nodeOrder>
export type NodeQuery = z.output<typeof nodeQuery>

/**
 * How many parts the condition has and how deep it is nested, see `QUERY_LIMITS`; past these it is not counted on.
 * Takes anything, also what is no condition.
 */
export function sizeOfCondition (given: unknown): { parts: number, depth: number } {
  let parts = 0
  let depth = 0
  let level = [given]
  while (level.length > 0 && parts <= QUERY_LIMITS.partsMax && depth <= QUERY_LIMITS.depthMax) {
    depth++
    for (const part of level) parts += 1 + listOf(part, 'values').length + listOf(part, 'zones').length
    level = level.flatMap(part => listOf(part, 'of'))
  }
  return { parts, depth }
}

function listOf (part: unknown, key: string): unknown[] {
  if (typeof part !== 'object' || part === null) return []
  const found = (part as Record<string, unknown>)[key]
  return found === undefined ? [] : [found].flat()
}

import { CloudError, DNS_LABEL, isZone, type NodeId } from '@welkin/interface'
import { z } from 'zod'
import type { ZoneLinks } from './by-zone.ts'
import { LINK_PROFILES, type LinkProfile } from './profiles.ts'
import type { LinkQuality, Place } from './quality.ts'

/** What changes the links from some nodes to others; what it leaves out stays as it was. */
export interface LinkRule extends Partial<LinkQuality> {
  /** The name of a node, or a zone. */
  from: string
  to: string
}

/** What the links of a cloud are like, as plain data: each layer changes what lies below it. */
export interface LinkTable {
  /** The bottom. Default: `lan`. */
  profile: LinkProfile
  /** Draws the distances of a `wan`, with the names of the sites. Default: empty. */
  seed: string
  /** Changes what nodes of one rack, of one site, or of different sites have. */
  zones: { readonly [Part in keyof ZoneLinks]?: Partial<LinkQuality> }
  /** Measured round-trip times between these nodes or sites, by names and zones, in milliseconds from row to column. */
  matrix?: { readonly nodes: readonly string[], readonly rttMs: readonly number[][] }
  /** Of those that speak of the same link, later ones win. In JSON `"both": true` stands for the way back as well. */
  rules: readonly LinkRule[]
  /** What the nodes go by and where they stand, by their ids. */
  places: Readonly<Record<NodeId, Place>>
}

/** Milliseconds until a daemon looks again whether the file of its table has changed; who changes it waits so long. */
export const LOOK_PERIOD_MS = 250

/** A minute is far more than any line has, and far less than what overflows. */
const DELAY_MS_MAX = 60_000

/** Past this, what TCP sends again is lost again for hours. */
const LOSS_RATIO_MAX = 0.9

const delay = z.number().min(0).max(DELAY_MS_MAX).exactOptional()
const quality = z.strictObject({
  latencyMs: delay,
  jitterMs: delay,
  bytesPerSecond: z.number().min(1).exactOptional(),
  lossRatio: z.number().min(0).max(LOSS_RATIO_MAX).exactOptional(),
  cut: z.boolean().exactOptional()
})

const end = z.string().refine(isZone, 'must be the name of a node, or a zone')
const rule = z.strictObject({ from: end, to: end, both: z.boolean().default(false), ...quality.shape })

const place = z.strictObject({
  name: z.string().regex(DNS_LABEL, 'must be what a node may be called'),
  zone: z.string().refine(isZone, 'must be a zone')
})

const matrix = z.strictObject({ nodes: z.array(z.string()), rttMs: z.array(z.array(z.number().min(0))) })
  .refine(({ nodes, rttMs }) => [rttMs, ...rttMs].every(({ length }) => length === nodes.length),
    'must have as many rows and columns as nodes')

const linkTable = z.strictObject({
  profile: z.enum(LINK_PROFILES).default('lan'),
  seed: z.string().default(''),
  zones: z.strictObject({
    rack: quality.exactOptional(), site: quality.exactOptional(), cloud: quality.exactOptional()
  }).default({}),
  matrix: matrix.exactOptional(),
  rules: z.array(rule).default([]).transform(rules => rules.flatMap(({ both, ...there }) =>
    both ? [there, { ...there, from: there.to, to: there.from }] : [there])),
  places: z.record(z.string(), place).default({})
})

/** The table of a JSON text. Throws EINVAL. */
export function parseLinkTable (text: string): LinkTable {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new CloudError('EINVAL', `The table of links is no JSON: ${(cause as Error).message}.`, { cause })
  }
  return checkLinkTable(value)
}

/** A whole table of what is given; the rest are defaults. Throws EINVAL with every problem, rules by their number. */
export function checkLinkTable (value: unknown): LinkTable {
  const { success, data, error } = linkTable.safeParse(value)
  if (success) return data
  const problems = error.issues.map(({ path, message }) => `${placeIn(value, path)}${message}`)
  throw new CloudError('EINVAL', `The table of links cannot be used: ${problems.join('; ')}.`, { fields: { problems } })
}

/** Where in the table a problem is, for people: they count rules from one. */
function placeIn (value: unknown, path: readonly PropertyKey[]): string {
  const [list, at, ...rest] = path
  if (list !== 'rules' || typeof at !== 'number') return path.length === 0 ? '' : `${path.join('.')}: `
  const { from, to } = (value as { rules: Array<Partial<LinkRule> | null> }).rules[at] ?? {}
  return [`rule ${at + 1} (from ${String(from)} to ${String(to)})`, ...rest, ''].map(String).join(': ')
}

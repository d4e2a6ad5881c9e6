import { CloudError, isZone, zoneContains, type NodeId, type Zone } from '@welkin/interface'

/** A part of what a delegation permits. Every condition that is given must hold. */
export interface Grant {
  /** What of the table: a row's capability (`processes.kill`), a family (`processes.*`) or everything (`*`). */
  readonly can: readonly string[]
  /**
   * On what: `own` (what the principal has made), `object:ID`, `cp:ID`, `name:TEXT`, where a `*` at the end stands for
   * anything, `domain:NAME` (names in that domain, itself included). Left out: on whatever there is.
   */
  readonly on?: readonly string[] | undefined
  /** Only where one of these nodes answers. */
  readonly nodes?: readonly NodeId[] | undefined
  /** Only where a node of this zone answers. */
  readonly zone?: Zone | undefined
  /** So often; counted by the one node that `nodes` names. */
  readonly uses?: number | undefined
  /** Only on nodes where a CPU costs no more for an hour. */
  readonly priceMax?: number | undefined
  /** Wall clock; the delegation's own end comes first where it is sooner. */
  readonly untilMs?: number | undefined
}

/** What a call is about. */
export interface Resource {
  /** Who has made it. */
  readonly owner?: string | undefined
  /** By which it is known: `object:ID`, `cp:ID`, `name:TEXT`; a name by each domain it is in. */
  readonly names: readonly string[]
}

/** A call that somebody wants to make. */
export interface Wanted {
  readonly can: string
  /**
   * `unknown`: it is about something, and whoever knows what will look again; undefined: it is about nothing in
   * particular.
   */
  readonly resource?: Resource | 'unknown' | undefined
  /** Who answers, and where. */
  readonly node: NodeId
  readonly zone: Zone
  readonly price?: number | undefined
}

const PATTERN = /^(\*|[a-z]+(\.[a-zA-Z]+)*(\.\*)?)$/
const RESOURCE = /^(own|(object|cp|name|domain):[a-zA-Z0-9.-]{0,253}\*?)$/
const LIST_MAX = 64

/** Why none of the grants permits the call to `principal`; undefined: one does. */
export function refusalBy (
  grants: readonly Grant[], wanted: Wanted, principal: string, nowMs: number
): string | undefined {
  let refusal: string | undefined
  for (const grant of grants) {
    if (!isNamed(grant.can, wanted.can)) continue
    refusal = refusalByOne(grant, wanted, principal, nowMs)
    if (refusal === undefined) return undefined
  }
  return refusal ?? `that takes ${wanted.can}`
}

function isNamed (patterns: readonly string[], name: string): boolean {
  for (const pattern of patterns) if (includes(pattern, name)) return true
  return false
}

function refusalByOne (
  { on, nodes, zone, priceMax, untilMs }: Grant, wanted: Wanted, principal: string, nowMs: number
): string | undefined {
  if (untilMs !== undefined && nowMs >= untilMs) return `what you were given for ${wanted.can} has expired`
  if (nodes !== undefined && !nodes.includes(wanted.node)) return 'you may at other nodes only'
  if (zone !== undefined && !zoneContains(zone, wanted.zone)) return `you may in ${zone} only`
  if (priceMax !== undefined && (wanted.price ?? 0) > priceMax) return `you may where a CPU costs ${priceMax} or less`
  if (on === undefined || wanted.resource === 'unknown') return undefined
  const { resource } = wanted
  if (resource !== undefined && on.some(pattern => isMeant(pattern, resource, principal))) return undefined
  return `you may only with ${on.map(tellResource).join(', ')}`
}

/** Whether a pattern of `can` stands for a capability. */
export function includes (pattern: string, name: string): boolean {
  if (pattern === '*') return true
  return pattern.endsWith('.*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name
}

function tellResource (pattern: string): string {
  return pattern === 'own' ? 'what you have made yourself' : pattern
}

function isMeant (pattern: string, { owner, names }: Resource, principal: string): boolean {
  if (pattern === 'own') return owner === principal
  return pattern.endsWith('*')
    ? names.some(name => name.startsWith(pattern.slice(0, -1)))
    : names.includes(pattern)
}

/** Grants as they came from anywhere. Throws EINVAL with what is wrong with them. */
export function checkGrants (given: unknown): readonly Grant[] {
  if (!Array.isArray(given) || given.length === 0 || given.length > LIST_MAX) {
    throw unfit('there must be at least one, and at most 64')
  }
  return given.map(checkGrant)
}

const FIELDS = ['can', 'on', 'nodes', 'zone', 'uses', 'priceMax', 'untilMs']

function checkGrant (given: unknown): Grant {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw unfit('one is no object')
  const { can, on, nodes, zone, uses, priceMax, untilMs } = given as Record<keyof Grant, unknown>
  // What is not understood may have been meant to narrow.
  const strange = Object.keys(given).find(field => !FIELDS.includes(field))
  if (strange !== undefined) throw unfit('one has a condition that is not known here')
  if (!isListOf(can, PATTERN)) throw unfit('"can" takes names such as processes.kill, processes.* or *')
  if (on !== undefined && !isListOf(on, RESOURCE)) {
    throw unfit('"on" takes own, object:ID, cp:ID, name:TEXT, with a * at the end perhaps, or domain:NAME')
  }
  if (nodes !== undefined && !isListOf(nodes, /^[a-zA-Z0-9-]{1,64}$/)) throw unfit('"nodes" takes ids of nodes')
  if (zone !== undefined && !(typeof zone === 'string' && isZone(zone))) throw unfit('"zone" takes a zone')
  if (priceMax !== undefined && !isAmount(priceMax)) throw unfit('"priceMax" takes an amount of money')
  if (untilMs !== undefined && !isAmount(untilMs)) throw unfit('"untilMs" takes a time')
  if (uses !== undefined) {
    if (!Number.isSafeInteger(uses) || (uses as number) < 1) throw unfit('"uses" takes a whole number above 0')
    if ((nodes as string[] | undefined)?.length !== 1) throw unfit('"uses" needs the one node in "nodes" that counts')
  }
  return given as Grant
}

function isListOf (value: unknown, form: RegExp): boolean {
  return Array.isArray(value) && value.length > 0 && value.length <= LIST_MAX &&
    value.every(item => typeof item === 'string' && form.test(item))
}

function isAmount (value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function unfit (why: string): CloudError {
  return new CloudError('EINVAL', `These grants cannot be: ${why}.`)
}

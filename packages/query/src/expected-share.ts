import type { Clause, Condition } from '@welkin/abi'
import { zoneContains, type NumberSummary, type SiteSummary } from '@welkin/interface'
import { ATTRIBUTES, type Attribute } from './attributes.ts'
import { valuesOf, type AttributeClause } from './check.ts'
import { countBelow, countNear, countOf, shareBelow } from './histogram.ts'
import { wordTest } from './matcher.ts'
import type { Surroundings } from './surroundings.ts'

/** No estimate is nearer to certainty. */
const SHARE_MIN = 0.001

/** Of which nothing is known. */
const UNKNOWN = 0.5

/** Sums of coordinates are rounded. */
const ROUNDING_MS = 0.001

/** Nodes of a site that are all in one state, and what is known of them together. */
export type Side = Pick<SiteSummary, 'site' | 'numbers' | 'words' | 'centre'> & { count: number }

type Comparison = (Clause & { kind: 'compare' })['operator']

/** The nodes of a site as those that are up, and those that are held to be down, of which nearly nothing is known. */
export function sidesOf ({ site, up, down, numbers, words, centre }: SiteSummary): Side[] {
  return [
    { site, count: up, numbers, words, centre },
    { site, count: down, numbers: {}, words: { state: ['down'], site: [site] } }
  ].filter(({ count }) => count > 0)
}

/**
 * Which share of the nodes meets the condition: 0 when certainly none does, 1 when certainly every one; anything
 * between is an estimate that takes conditions for independent. So it is a logic of three values, and a forecast.
 */
export function expectedShare (condition: Condition | undefined, side: Side, surroundings: Surroundings): number {
  if (condition === undefined) return 1
  switch (condition.kind) {
    case 'all': return allOf(condition.of.map(part => expectedShare(part, side, surroundings)))
    case 'any': return anyOf(condition.of.map(part => expectedShare(part, side, surroundings)))
    case 'not': return 1 - expectedShare(condition.of, side, surroundings)
    case 'zone': return shareInZones(condition.zones, side)
    case 'rtt': return shareInReach(condition, side, surroundings)
    default: return shareOfAttribute(condition, side)
  }
}

function allOf (shares: readonly number[]): number {
  if (shares.includes(0)) return 0
  return shares.every(share => share === 1) ? 1 : uncertain(shares.reduce((product, share) => product * share))
}

function anyOf (shares: readonly number[]): number {
  return 1 - allOf(shares.map(share => 1 - share))
}

/** An estimate, kept apart from what would be certain. */
function uncertain (share: number): number {
  return Math.min(1 - SHARE_MIN, Math.max(SHARE_MIN, share))
}

function shareOfAttribute (clause: AttributeClause, side: Side): number {
  const { kind } = ATTRIBUTES.get(clause.attribute) as Attribute
  if (kind === 'number') {
    const numbers = side.numbers[clause.attribute]
    const shareOf = (operator: Comparison, value: unknown): number =>
      numbers === undefined ? UNKNOWN : shareOfNumber(numbers, side.count, operator, value as number)
    if (clause.kind === 'compare') return shareOf(clause.operator, clause.value)
    return anyOf(valuesOf(clause).map(value => shareOf('=', value)))
  }
  const words = side.words[clause.attribute]
  if (words === undefined) return UNKNOWN
  if (clause.kind === 'has') return words.includes(clause.word) ? UNKNOWN : 0
  return clause.kind === 'in'
    ? shareOfWords(words, word => clause.values.includes(word))
    : shareOfWords(words, wordTest(clause.operator, clause.value as string))
}

/** `count`: nodes, also those that do not tell the number. */
function shareOfNumber (summary: NumberSummary, count: number, operator: Comparison, bound: number): number {
  const { min, max } = summary
  const told = countOf(summary)
  const decide = (isNone: boolean, isEvery: boolean, estimate: number): number => {
    if (isNone) return 0
    return isEvery && told >= count ? 1 : uncertain(estimate / count)
  }
  const near = bound < min || bound > max ? 0 : countNear(summary, bound)
  const isOnly = min === bound && max === bound
  switch (operator) {
    case '<': return decide(min >= bound, max < bound, countBelow(summary, bound))
    case '<=': return decide(min > bound, max <= bound, countBelow(summary, bound))
    case '>': return decide(max <= bound, min > bound, told - countBelow(summary, bound))
    case '>=': return decide(max < bound, min >= bound, told - countBelow(summary, bound))
    case '!=': return decide(isOnly, near === 0, told - near)
    default: return decide(near === 0, isOnly, near)
  }
}

/** Every node has one of the words, nobody knows how many have which. */
function shareOfWords (words: readonly string[], test: (word: string) => boolean): number {
  const met = words.filter(test).length
  if (met === 0) return 0
  return met === words.length ? 1 : uncertain(met / words.length)
}

function shareInZones (zones: readonly string[], { site, words }: Side): number {
  const isWithin = (zone: string): boolean => zones.some(wanted => zoneContains(wanted, zone))
  if (isWithin(site)) return 1
  if (words['zone'] !== undefined) return shareOfWords(words['zone'], isWithin)
  return zones.some(wanted => zoneContains(site, wanted)) ? UNKNOWN : 0
}

/** As if nodes were spread evenly over what the site's radius and the error of the distance leave open. */
function shareInReach (
  { target, operator, ms }: Clause & { kind: 'rtt' }, { centre }: Side, { distanceFrom }: Surroundings
): number {
  const distance = centre === undefined ? undefined : distanceFrom(target)(centre)
  if (centre === undefined || distance === undefined) return UNKNOWN
  const slackMs = centre.radiusMs + distance.errorMs + ROUNDING_MS
  const [from, to] = [distance.rttMs - slackMs, distance.rttMs + slackMs]
  const isBelow = operator === '<' || operator === '<='
  if (isBelow ? from > ms : to < ms) return 0
  const share = shareBelow(from, to, ms)
  return uncertain(isBelow ? share : 1 - share)
}

import { siteOf, zoneContains, type NodeId } from '@welkin/interface'
import { commonPart } from './by-zone.ts'
import { linksFromMatrix } from './matrix.ts'
import { linksOfProfile } from './profiles.ts'
import { IDEAL, type LinkQuality, type LinksBetween, type Place } from './quality.ts'
import type { LinkTable } from './table.ts'

/**
 * The links that a table describes. `placeOf` says what a node goes by and where it stands; left out, the table's own
 * places do. The link to or from a node that stands nowhere is ideal.
 */
export function linksOf (
  table: LinkTable, placeOf: (node: NodeId) => Place | undefined = placesIn(table)
): LinksBetween {
  const rules = table.rules.map(({ from, to, ...change }) => ({ ends: { from, to }, change }))
  const base = baseLinks(table, placeOf)
  return (from, to) => {
    const [here, there] = [placeOf(from), placeOf(to)]
    if (here === undefined || there === undefined) return IDEAL
    const changes = rules.filter(({ ends }) => covers(ends.from, here) && covers(ends.to, there))
    if (changes.length === 0) return base(from, to)
    return Object.assign({}, base(from, to), ...changes.map(({ change }) => change)) as LinkQuality
  }
}

/** Whether one end of a rule, the name of a node or a zone, speaks of the node at this place. */
export function covers (end: string, { name, zone }: Place): boolean {
  return end === name || zoneContains(end, zone)
}

/** All but the rules, for nodes that stand somewhere. */
function baseLinks (table: LinkTable, placeOf: (node: NodeId) => Place | undefined): LinksBetween {
  const { profile, seed, zones, matrix } = table
  const zoneOf = (node: NodeId): string => placeOf(node)?.zone ?? ''
  const byProfile = linksOfProfile(profile, { zoneOf, seed })
  const byZone: LinksBetween = Object.keys(zones).length === 0
    ? byProfile
    : (from, to) => ({ ...byProfile(from, to), ...zones[commonPart(zoneOf(from), zoneOf(to))] })
  if (matrix === undefined) return byZone
  const rows = new Map(matrix.nodes.map((name, row) => [name, row]))
  const indexOf = (node: NodeId): number | undefined =>
    rows.get(placeOf(node)?.name ?? '') ?? rows.get(siteOf(zoneOf(node)))
  return linksFromMatrix(matrix.rttMs, { indexOf, others: byZone })
}

function placesIn ({ places }: LinkTable): (node: NodeId) => Place | undefined {
  const known = new Map(Object.entries(places))
  return node => known.get(node)
}

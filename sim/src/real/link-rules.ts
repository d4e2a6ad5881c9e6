import type { NodeId } from '@welkin/interface'
import { linksOf, type LinkQuality, type LinkRule, type LinksBetween, type LinkTable, type Place } from '@welkin/links'

/** The table of links that differ from those of `base` here and there: it has a rule for each that does. */
export function tableOf (links: LinksBetween, base: LinkTable, places: readonly Place[]): LinkTable {
  const placeOf = new Map(places.map((place): [NodeId, Place] => [place.name, place]))
  const before = linksOf(base, name => placeOf.get(name))
  const rules = places.flatMap(({ name: from }) => places.flatMap(({ name: to }): LinkRule[] => {
    const change = from === to ? {} : changeOf(before(from, to), links(from, to))
    return Object.keys(change).length === 0 ? [] : [{ from, to, ...change }]
  }))
  return { ...base, rules: [...base.rules, ...rules] }
}

function changeOf (before: LinkQuality, now: LinkQuality): Partial<LinkQuality> {
  const was: Record<string, unknown> = { cut: false, ...before }
  return Object.fromEntries(Object.entries({ cut: false, ...now }).filter(([key, value]) => was[key] !== value))
}

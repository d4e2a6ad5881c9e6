import type { NodeQuery } from '@welkin/abi'
import type { SiteSummary } from '@welkin/interface'
import { expectedShare, sidesOf } from './expected-share.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * Whether some node of the site can match a query that was checked, going by the site's summary (see `summarise`):
 * false only if certainly none does, as long as the summary holds, and as long as `distanceFrom` gives for the site's
 * centre what it gives for each of its nodes, but for the site's radius and the distance's error.
 */
export function mayMatch (query: NodeQuery, site: SiteSummary, surroundings: Surroundings): boolean {
  return expectedMatches(query, site, surroundings) > 0
}

/** About how many nodes of the site match, to ask the most promising sites first; 0: none can. */
export function expectedMatches ({ where }: NodeQuery, site: SiteSummary, surroundings: Surroundings): number {
  return sidesOf(site).reduce((sum, side) => sum + side.count * expectedShare(where, side, surroundings), 0)
}

import { CloudError, siteOf } from '@welkin/interface'
import { parseMatrix } from './matrix.ts'
import type { Place } from './quality.ts'
import { checkLinkTable, parseLinkTable, type LinkTable } from './table.ts'

/** The table of a file that holds one as JSON, or a matrix, of whose rows see `placeMatrix`. Throws EINVAL. */
export function readLinks (text: string, places: readonly Place[]): LinkTable {
  if (text.trimStart().startsWith('{')) return parseLinkTable(text)
  return checkLinkTable({ profile: 'wan', matrix: placeMatrix(parseMatrix(text).rttMs, places) })
}

/**
 * The first rows of a matrix are those of the nodes at these places, in order; where there are too few, those of their
 * sites. Throws EINVAL where there are too few for these as well.
 */
export function placeMatrix (
  rttMs: readonly number[][], places: readonly Place[]
): { nodes: readonly string[], rttMs: number[][] } {
  const sites = [...new Set(places.map(({ zone }) => siteOf(zone)))]
  const nodes = rttMs.length < places.length ? sites : places.map(({ name }) => name)
  if (rttMs.length < nodes.length) {
    throw new CloudError('EINVAL', `The matrix has ${rttMs.length} places, and the cloud ${places.length} nodes in ` +
      `${sites.length} sites; take fewer sites.`)
  }
  return { nodes, rttMs: rttMs.slice(0, nodes.length).map(row => row.slice(0, nodes.length)) }
}

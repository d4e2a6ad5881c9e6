import { NearestSearch } from '@welkin/coordinates'
import type { FoundRow } from './finder.ts'

/**
 * The rows in the order of their distance, refined by at most `probes` direct probes: estimates say who may be nearest,
 * probes say who is. A row that was probed and did not answer is left out; one without a distance comes last.
 */
export async function nearestFirst (
  rows: readonly FoundRow[], probes: number, probe: (node: string) => Promise<number | undefined>
): Promise<FoundRow[]> {
  const byId = new Map(rows.map(row => [row.node.id, row]))
  const candidates = rows.flatMap(({ node: { id }, cost: { rttMs, rttErrorMs = 0 } }) =>
    rttMs === undefined ? [] : { id, rttMs, errorMs: rttErrorMs })
  const search = new NearestSearch(candidates, probes)
  for (let id = search.next(); id !== undefined; id = search.next()) {
    const rttMs = await probe(id)
    search.observe(id, rttMs)
    const row = byId.get(id) as FoundRow
    if (rttMs !== undefined) byId.set(id, { ...row, cost: { ...row.cost, rttMs, rttErrorMs: 0 } })
  }
  const placed = search.order().map(id => byId.get(id) as FoundRow)
  return [...placed, ...rows.filter(({ cost }) => cost.rttMs === undefined)]
}

import type { Zone } from '@welkin/interface'
import type { Place } from '@welkin/links'

/** `nodes` in all, spread evenly over sites and their racks: n1, n2, … in `sim/s1/r1`, `sim/s1/r2`, … */
export function grid ({ sites, racks, nodes }: { sites: number, racks: number, nodes: number }): Place[] {
  return dealOut(rackZones({ sites, racks }), nodes)
}

export function rackZones ({ sites, racks }: { sites: number, racks: number }): Zone[] {
  return Array.from({ length: sites * racks }, (_, i) => `sim/s${1 + Math.floor(i / racks)}/r${1 + i % racks}`)
}

/** Like cards, so that any beginning of the list is spread over all racks. */
export function dealOut (racks: readonly Zone[], nodes: number): Place[] {
  return placesIn(Array.from({ length: nodes }, (_, i) => racks[i % racks.length] as Zone))
}

/** A node in each of these, which may be the same. */
export function placesIn (zones: readonly Zone[]): Place[] {
  return zones.map((zone, i) => ({ name: `n${i + 1}`, zone }))
}

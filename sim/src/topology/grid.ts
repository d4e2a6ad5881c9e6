import type { Place } from '@welkin/links'

/** `nodes` in all, spread evenly over sites and their racks: n1, n2, … in `sim/s1/r1`, `sim/s1/r2`, … */
export function grid ({ sites, racks, nodes }: { sites: number, racks: number, nodes: number }): Place[] {
  return Array.from({ length: nodes }, (_, index) => {
    const rack = index % (sites * racks)
    return { name: `n${index + 1}`, zone: `sim/s${1 + Math.floor(rack / racks)}/r${1 + rack % racks}` }
  })
}

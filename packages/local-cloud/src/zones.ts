/** The zones of `count` nodes (`local/site1/rack1`, …), spread evenly over the sites and the racks in each. */
export function spreadZones (count: number, sites: number, racks: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const site = at % sites
    const rack = Math.floor(at / sites) % racks
    return `local/site${site + 1}/rack${rack + 1}`
  })
}

import { siteOf, type MachineFacts, type NodeId, type Zone } from '@welkin/interface'
import type { Place } from '@welkin/links'
import type { TopologyDescription } from '../scenario/schema.ts'
import { dealOut, placesIn, rackZones } from './grid.ts'

/** What stands between a zone and the street's power. */
export interface PowerBackup {
  /** So long a battery bridges an outage. */
  upsMs: number
  /** So long after the outage began a generator takes over; undefined: there is none. */
  generatorMs?: number | undefined
}

/** Where the machines of a cloud stand, how they are fed, and what they are. */
export interface Layout {
  places: readonly Place[]
  machine: Partial<MachineFacts> & { diskBytes?: number }
  backupOf: (name: NodeId) => PowerBackup
}

const NO_BACKUP: PowerBackup = { upsMs: 0 }

/** The cloud that a scenario describes; with `nodes`, so many of them, spread evenly over its racks. */
export function layOut (topology: TopologyDescription, nodes?: number): Layout {
  const { machine, power } = topology
  const racks = racksOf(topology)
  const places = nodes === undefined ? eachFull(racks) : dealOut(racks.map(({ zone }) => zone), nodes)
  const zones = new Map(places.map(({ name, zone }) => [name, zone]))
  return {
    places,
    machine,
    backupOf: name => {
      const zone = zones.get(name) ?? ''
      const backup = power[zone] ?? power[siteOf(zone)] ?? power['all']
      return backup === undefined ? NO_BACKUP : { upsMs: backup.ups, generatorMs: backup.generator }
    }
  }
}

interface Rack { zone: Zone, nodes: number }

function racksOf ({ sites, racks, nodes }: TopologyDescription): Rack[] {
  if (typeof sites === 'number') return rackZones({ sites, racks }).map(zone => ({ zone, nodes }))
  return sites.flatMap(site =>
    Array.from({ length: site.racks }, (_, i) => ({ zone: `sim/${site.name}/r${i + 1}`, nodes: site.nodes })))
}

/** As many as each rack holds, dealt out in rounds. */
function eachFull (racks: readonly Rack[]): Place[] {
  const rounds = Math.max(...racks.map(({ nodes }) => nodes))
  return placesIn(Array.from({ length: rounds }, (_, round) =>
    racks.flatMap(({ zone, nodes }) => round < nodes ? zone : [])).flat())
}

import { siteOf, type MachineFacts, type NodeId, type Zone } from '@welkin/interface'
import type { Place } from '@welkin/links'
import type { TopologyDescription } from '../scenario/schema.ts'

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
  const racks = typeof topology.sites === 'number' ? drawnRacks(topology.sites, topology) : namedRacks(topology.sites)
  const places = nodes === undefined ? eachFull(racks) : roundRobin(racks, nodes)
  const zones = new Map(places.map(({ name, zone }) => [name, zone]))
  return {
    places,
    machine: machine ?? {},
    backupOf: name => {
      const zone = zones.get(name) ?? ''
      const backup = power[zone] ?? power[siteOf(zone)] ?? power['all']
      return backup === undefined ? NO_BACKUP : { upsMs: backup.ups, generatorMs: backup.generator }
    }
  }
}

interface Rack { zone: Zone, nodes: number }

function drawnRacks (sites: number, { racks, nodes }: { racks: number, nodes: number }): Rack[] {
  return Array.from({ length: sites * racks }, (_, i) => {
    return { zone: `sim/s${1 + Math.floor(i / racks)}/r${1 + i % racks}`, nodes }
  })
}

function namedRacks (sites: Exclude<TopologyDescription['sites'], number>): Rack[] {
  return sites.flatMap(({ name, racks, nodes }) =>
    Array.from({ length: racks }, (_, i) => ({ zone: `sim/${name}/r${i + 1}`, nodes })))
}

/** Dealt out like cards, so that any beginning of the list is spread over all racks. */
function eachFull (racks: readonly Rack[]): Place[] {
  const rounds = Math.max(...racks.map(({ nodes }) => nodes))
  return named(Array.from({ length: rounds }, (_, round) => racks.filter(({ nodes }) => round < nodes)).flat())
}

function roundRobin (racks: readonly Rack[], nodes: number): Place[] {
  return named(Array.from({ length: nodes }, (_, i) => racks[i % racks.length] as Rack))
}

function named (racks: readonly Rack[]): Place[] {
  return racks.map(({ zone }, i) => ({ name: `n${i + 1}`, zone }))
}

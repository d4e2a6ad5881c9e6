import type { LinkTable, Place } from '@welkin/links'
import { grid } from './topology/grid.ts'
import { VirtualCloud } from './virtual-cloud.ts'

/** A story that is told to a cloud, in virtual time. */
export interface Scenario {
  readonly name: string
  /** One sentence. */
  readonly about: string
  readonly topology: { sites: number, racks: number, nodes: number }
  /** Options of every node, see `daemon/src/options.ts`. */
  readonly nodeOptions?: unknown
  /** Plays the story; `fault` is told whatever did not hold. Resolves with its figures. */
  play (cloud: VirtualCloud, fault: (what: string) => void): Promise<Record<string, number>>
}

export interface ScenarioReport {
  scenario: string
  seed: string | number
  nodes: number
  /** What did not hold; empty: all held. */
  faults: readonly string[]
  figures: Readonly<Record<string, number>>
  virtualSeconds: number
  events: number
  messages: number
  traceLines: number
  traceHash: string
}

export interface ScenarioOptions {
  seed: string | number
  /** Default: as many as the scenario, or the table of links, has. */
  nodes?: number | undefined
  /** Default: those of data centres. */
  links?: LinkTable | undefined
}

/** Plays a scenario; the report is the same for the same seed, whatever the machine. */
export async function runScenario (
  scenario: Scenario, { seed, nodes, links }: ScenarioOptions
): Promise<ScenarioReport> {
  const cloud = new VirtualCloud({
    seed, places: placesFor(scenario, { nodes, links }), nodeOptions: scenario.nodeOptions
  })
  if (links !== undefined) cloud.useLinks(links)
  const faults: string[] = []
  const figures = await cloud.timeline.until(scenario.play(cloud, what => {
    faults.push(`${(cloud.timeline.nowMs / 1000).toFixed(3)} s: ${what}`)
    cloud.mark('fault', what)
  }))
  const messages = cloud.places.reduce((sum, { name }) => sum + cloud.network.trafficOf(name).sentMessages, 0)
  return {
    scenario: scenario.name, seed, nodes: cloud.places.length, faults, figures, messages,
    virtualSeconds: cloud.timeline.nowMs / 1000, events: cloud.timeline.eventCount,
    traceLines: cloud.trace.lines, traceHash: cloud.trace.hash()
  }
}

/** Where the table of links has the nodes of a cloud, there they stand; else on the scenario's grid. */
export function placesFor (
  { topology }: Scenario, { nodes, links }: Omit<ScenarioOptions, 'seed'>
): readonly Place[] {
  const told = Object.values(links?.places ?? {})
  return told.length > 0 ? told.slice(0, nodes) : grid({ ...topology, nodes: nodes ?? topology.nodes })
}

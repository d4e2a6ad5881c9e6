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

/** Plays a scenario; the report is the same for the same seed, whatever the machine. */
export async function runScenario (
  scenario: Scenario, { seed, nodes }: { seed: string | number, nodes?: number | undefined }
): Promise<ScenarioReport> {
  const topology = { ...scenario.topology, ...nodes === undefined ? {} : { nodes } }
  const cloud = new VirtualCloud({ seed, places: grid(topology), nodeOptions: scenario.nodeOptions })
  const faults: string[] = []
  const figures = await cloud.timeline.until(scenario.play(cloud, what => {
    faults.push(`${(cloud.timeline.nowMs / 1000).toFixed(3)} s: ${what}`)
    cloud.mark('fault', what)
  }))
  const messages = cloud.places.reduce((sum, { name }) => sum + cloud.network.trafficOf(name).sentMessages, 0)
  return {
    scenario: scenario.name, seed, nodes: topology.nodes, faults, figures, messages,
    virtualSeconds: cloud.timeline.nowMs / 1000, events: cloud.timeline.eventCount,
    traceLines: cloud.trace.lines, traceHash: cloud.trace.hash()
  }
}

import type { Figures } from '../bench.ts'
import { nodesOf, untilFullView, type Crowd } from '../crowd/crowd.ts'
import { startDaemons } from '../crowd/daemons.ts'
import { startSerf } from '../crowd/serf.ts'
import { takenBy } from '../proc.ts'
import { pass, type Stage } from '../stage.ts'

/** Daemons in one process: a process each would not fit into the memory of a small machine. */
const HOUSEHOLD_NODES = 10
const LOOK_PERIOD_MS = 1000

/** Seconds that pass between the full view and the measurement, and during it. */
export interface RestRules { settle: number, seconds: number }

/** What a daemon sends and takes of the CPU in a site of `count` that is at rest. */
export async function daemonsAtRest (stage: Stage, count: number, rules: RestRules): Promise<Figures> {
  const sizes = Array.from({ length: Math.ceil(count / HOUSEHOLD_NODES) }, (_, at) => {
    return Math.min(HOUSEHOLD_NODES, count - at * HOUSEHOLD_NODES)
  })
  return await atRest(await startDaemons(stage, sizes, { lookPeriodMs: LOOK_PERIOD_MS }), rules)
}

/** The same of Serf's agents; null: it is not installed. */
export async function agentsAtRest (stage: Stage, count: number, rules: RestRules): Promise<Figures | null> {
  const crowd = await startSerf(stage, count)
  return crowd === undefined ? null : await atRest(crowd, rules)
}

async function atRest (crowd: Crowd, { settle, seconds }: RestRules): Promise<Figures> {
  await untilFullView(crowd)
  await pass(settle)
  const nodes = nodesOf(crowd.households).length
  const startMs = performance.now()
  const cpuMsBefore = await cpuMsOf(crowd)
  const sent = await crowd.sentIn(seconds)
  const cpuMs = await cpuMsOf(crowd) - cpuMsBefore
  return {
    ...sent === undefined ? {} : {
      sentBytesPerSecond: sent.bytes / nodes,
      bothWaysBytesPerSecond: 2 * sent.bytes / nodes,
      messagesPerSecond: sent.messages / nodes
    },
    cpuMsPerSecond: cpuMs / nodes / (performance.now() - startMs) * 1000
  }
}

async function cpuMsOf ({ households }: Crowd): Promise<number> {
  const taken = await Promise.all(households.map(({ process: { pid } }) => takenBy(pid as number)))
  return taken.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
}

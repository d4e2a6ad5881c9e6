import type { Figures } from '../bench.ts'
import type { Stage } from '../stage.ts'
import { mean } from '../statistics.ts'
import type { SimulatedAnswer, SimulatedQuestion } from './sim-worker.ts'

/** Ten thousand nodes take half of it. */
const HEAP_MB = 20_000

/** What a node of a simulated cloud sends, and what it costs to simulate it. */
export async function simulatedAtRest (stage: Stage, question: SimulatedQuestion): Promise<Figures> {
  const { nodes, seconds } = question
  const worker = stage.fork(new URL('sim-worker.js', import.meta.url), { heapMB: HEAP_MB })
  const { sentBytes, sentMessages, cpuMs, realSeconds } = await worker.ask<SimulatedAnswer>(question)
  return {
    sentBytesPerSecond: mean(sentBytes) / seconds,
    bothWaysBytesPerSecond: 2 * mean(sentBytes) / seconds,
    messagesPerSecond: mean(sentMessages) / seconds,
    mostSentBytesPerSecond: Math.max(...sentBytes) / seconds,
    simulationCpuMs: cpuMs / nodes / seconds,
    realSeconds
  }
}

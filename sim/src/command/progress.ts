import { tellSpan } from '../scenario/units.ts'
import type { VirtualCloud } from '../virtual-cloud.ts'

const PERIOD_MS = 500

/** A line on the terminal that `tell` writes anew twice a second; nothing where nobody looks. The result ends it. */
export function showProgress (tell: () => string): () => void {
  const { stderr } = process
  if (!stderr.isTTY) return () => {}
  const timer = setInterval(() => stderr.write(`\r\u001B[K${tell().slice(0, stderr.columns - 1)}`), PERIOD_MS)
  return () => {
    clearInterval(timer)
    stderr.write('\r\u001B[K')
  }
}

/** The same for those who read it later: a line of its own. */
export function noteUnseen (text: string): void {
  if (!process.stderr.isTTY) process.stderr.write(`${text}\n`)
}

/** How far one run is. */
export function tellRun (cloud: VirtualCloud | undefined): string {
  if (cloud === undefined) return 'begins'
  const { timeline } = cloud
  return `${tellSpan(timeline.nowMs)} of virtual time, ${cloud.nodes().length} of ${cloud.places.length} nodes up, ` +
    `${timeline.eventCount} events`
}

import type { ReplyOf } from '@welkin/syscalls'
import { formatAge } from '../print/durations.ts'
import { note } from '../print/output.ts'
import { paint, type Format } from '../print/paint.ts'
import { formatNumber } from '../print/words.ts'

/** A node as it was found, and what it would cost to use it from the node that was asked. */
export type NodeRow = ReplyOf<'find'>['rows'][number]

/** A node as another sees it. */
export type NodeView = NodeRow['node']

/** What is known of whether a node answers: a suspected one has some seconds to deny that it is down. */
export type NodeState = 'up' | 'suspected' | 'down'

const COLOURS: Record<NodeState, Format> = { up: 'green', suspected: 'yellow', down: 'red' }

/** Up, suspected or down. */
export function stateOf ({ state, suspected }: NodeView): NodeState {
  return state === 'up' && suspected === true ? 'suspected' : state
}

/** The same for people, in its colour; of one that was lost too often of late, when it counts as up again. */
export function formatNodeState (node: NodeView): string {
  const state = stateOf(node)
  const back = node.backInMs === undefined ? '' : `, back in ${formatAge(node.backInMs)}`
  return paint(COLOURS[state], `${state}${back}`)
}

/** Share of its memory that is in use; undefined where the machine does not tell how much it has. */
export function memoryUsedRatio ({ load, machine: { memoryBytes } }: NodeView): number | undefined {
  return memoryBytes > 0 ? Math.max(0, 1 - load.memoryFreeBytes / memoryBytes) : undefined
}

/** Tells people beside the rows what is missing among them: silent sites, and nodes past the limit. */
export function noteMissing ({ rows, matched, silent }: ReplyOf<'find'>): void {
  if (silent.length > 0) {
    note(`The answer is partial: no answer from ${silent.join(', ')}, where there may be more.`)
  }
  if (matched > rows.length) note(`These are ${formatNumber(rows.length)} of ${formatNumber(matched)} that match.`)
}

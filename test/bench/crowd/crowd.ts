import type { ChildProcess } from 'node:child_process'
import { until } from '../stage.ts'
import type { Sent } from './sockets.ts'
import { Views, type Change } from './views.ts'

/** A process with the nodes that live in it. */
export interface Household { readonly process: ChildProcess, readonly nodes: readonly string[] }

/** Many nodes of one cloud on this machine, whose views can be followed. Times are by the wall clock. */
export interface Crowd {
  readonly households: readonly Household[]
  /** When the first process was begun. */
  readonly startedMs: number
  /** When the last node answered. */
  readonly answeredMs: number
  /** What the nodes of the processes that live have come to think of one another since they were last asked. */
  changes (): Promise<readonly Change[]>
  /** Lets seconds pass; says what all nodes have sent a second, or undefined where that was too short to tell. */
  sentIn (seconds: number): Promise<Sent | undefined>
}

export function nodesOf (households: readonly Household[]): string[] {
  return households.flatMap(({ nodes }) => nodes)
}

/** Resolves when every node sees every node, with when that came and all that was seen. Rejects ETIMEDOUT. */
export async function untilFullView (crowd: Crowd): Promise<{ fullMs: number, views: Views }> {
  const views = new Views()
  const nodes = nodesOf(crowd.households)
  const fullMs = (): number | undefined => views.agreedMs(nodes, nodes, 'up')
  await until(async () => {
    views.hear(await crowd.changes())
    return fullMs() !== undefined
  })
  return { fullMs: fullMs() as number, views }
}

import type { ChildProcess } from 'node:child_process'
import { mapConcurrently } from '@welkin/async'
import type { DaemonOptions, NodeFile } from '@welkin/daemon/real'
import type { Child } from '../child.ts'
import { pass, type Stage } from '../stage.ts'
import type { Crowd } from './crowd.ts'
import type { DaemonsQuestion } from './daemons-worker.ts'
import type { Sent } from './sockets.ts'
import type { Change } from './views.ts'

/** So many processes start at a time: each takes a core for a second. */
const START_WIDTH = 4
const RACK_NODES = 5

interface Home { child: Child, infos: readonly NodeFile[], ticket: string }

/**
 * Real daemons in one site, so many in each process, every one with its own data and sockets; all join through the
 * first. Resolves when all answer.
 */
export async function startDaemons (
  stage: Stage, sizes: readonly number[], { lookPeriodMs }: { lookPeriodMs: number }
): Promise<Crowd> {
  const startedMs = Date.now()
  let count = 0
  const [firstPlan, ...plans] = sizes.map(size => Array.from({ length: size }, () => optionsOf(stage, count++)))
  const begin = async (daemons: DaemonOptions[], ticket?: string): Promise<Home> => {
    const child = stage.fork(new URL('daemons-worker.js', import.meta.url))
    const question: DaemonsQuestion = { start: { daemons, ticket, lookPeriodMs } }
    return { child, ...await child.ask<Omit<Home, 'child'>>(question) }
  }
  const first = await begin(firstPlan ?? [])
  const homes = [first, ...await mapConcurrently(plans, START_WIDTH, plan => begin(plan, first.ticket))]
  const askAll = async <Answer>(question: DaemonsQuestion): Promise<Answer[]> => {
    const living = homes.filter(({ child }) => lives(child.process))
    return await Promise.all(living.map(({ child }) => child.ask<Answer>(question)))
  }
  const sent = async (): Promise<Sent> => (await askAll<Sent>({ tell: 'sent' })).reduce((sum, { bytes, messages }) => {
    return { bytes: sum.bytes + bytes, messages: sum.messages + messages }
  })
  return {
    households: homes.map(({ child: { process }, infos }) => ({ process, nodes: infos.map(({ name }) => name) })),
    startedMs,
    answeredMs: Date.now(),
    changes: async () => (await askAll<Change[]>({ tell: 'changes' })).flat(),
    sentIn: async seconds => {
      const startMs = performance.now()
      const before = await sent()
      await pass(seconds)
      const after = await sent()
      const passed = (performance.now() - startMs) / 1000
      return { bytes: (after.bytes - before.bytes) / passed, messages: (after.messages - before.messages) / passed }
    }
  }
}

function optionsOf (stage: Stage, at: number): DaemonOptions {
  return {
    dataDir: stage.dataDir(), name: `n${at + 1}`, zone: `acme/site1/rack${Math.floor(at / RACK_NODES) + 1}`,
    profile: 'datacenter', http: false, logLevel: 'error'
  }
}

function lives ({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}

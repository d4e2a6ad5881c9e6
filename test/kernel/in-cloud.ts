import { expect } from 'chai'
import {
  CloudError, type ErrorCode, type EventType, type NodeId, type ObjectId, type TaskExit
} from '@welkin/interface'
import type { LogEntry } from '@welkin/platform-virtual'
import type { Place } from '@welkin/links'
import { grid, seesTheTruth, VirtualCloud, type VirtualCloudOptions } from '@welkin/sim'
import type { ArgsOf, Syscalls } from '@welkin/syscalls'

/** Sees a lost node soon, so that stories are short. */
export const QUICK = {
  resources: {
    probePeriodMs: 500, probeTimeoutMs: 200, dialTimeoutMs: 1000, suspicionMinMs: 1000, suspicionMaxMs: 2000,
    pushPauseMs: 50, summaryPeriodMs: 1000, healPeriodMs: 5000
  }
}

export interface CloudStory {
  nodes?: number
  sites?: number
  racks?: number
  /** Where the nodes stand, in place of a grid. */
  places?: readonly Place[]
  /** Machines on which no daemon is started. */
  idle?: readonly Place[]
  nodeOptions?: { resources?: object, processes?: object, directory?: object, names?: object, migration?: object }
  modules?: VirtualCloudOptions['modules']
  /** Nodes have certificates, and calls need capabilities. */
  guarded?: boolean
  /** With the pace of a real cloud. */
  slow?: boolean
  /** Somebody in this story talks nonsense: nodes may be named for it. */
  hostile?: boolean
  /** Is told each line of the trace. */
  onMark?: (line: string) => void
  seed?: string
}

/** Tells `story` in virtual time to a cloud whose nodes n1, n2, … all know one another; with all that is logged. */
export async function inCloud (
  options: CloudStory, story: (cloud: VirtualCloud, logged: readonly LogEntry[]) => Promise<void>
): Promise<void> {
  await inDarkCloud(options, async (cloud, logged) => {
    const isIdle = (name: NodeId): boolean => options.idle?.some(place => place.name === name) ?? false
    const [first, ...others] = cloud.places.map(({ name }) => name).filter(name => !isIdle(name))
    await cloud.start(first as NodeId)
    for (const name of others) await cloud.start(name, [first as NodeId])
    await knowsAll(cloud)
    await story(cloud, logged)
  })
}

/** The same to a cloud that no node runs in yet. */
export async function inDarkCloud (
  options: CloudStory, story: (cloud: VirtualCloud, logged: readonly LogEntry[]) => Promise<void>
): Promise<void> {
  const { nodes = 3, sites = 1, racks = 1, nodeOptions, seed = 'kernel' } = options
  const { slow = false, guarded = false, hostile = false } = options
  const { places = grid({ sites, racks, nodes }), idle = [] } = options
  const pace = slow ? {} : QUICK.resources
  const logged: LogEntry[] = []
  const cloud = new VirtualCloud({
    seed,
    guarded,
    ...options.onMark === undefined ? {} : { onMark: options.onMark },
    ...options.modules === undefined ? {} : { modules: options.modules },
    places: [...places, ...idle],
    nodeOptions: { ...nodeOptions, resources: { ...pace, ...nodeOptions?.resources } },
    log: entry => { logged.push(entry) }
  })
  await cloud.timeline.until(story(cloud, logged))
  const isFault = ({ level, event }: LogEntry): boolean =>
    level === 'error' || (event === 'resources.nonsense_ignored' && !hostile)
  expect(logged.filter(isFault), 'honest nodes log no nonsense and no errors').to.deep.equal([])
}

/** The events of these types that the nodes which run now have told since they started: `type about` of each. */
export function eventsOf (cloud: VirtualCloud, ...types: EventType[]): string[] {
  return cloud.nodes().flatMap(({ events }) => events.recent())
    .filter(({ type }) => types.includes(type as EventType))
    .map(({ type, fields: { about, zone } }) => `${type} ${String(about ?? zone)}`)
}

/** Resolves when all that run know all that run. */
export async function knowsAll (cloud: VirtualCloud): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const running = cloud.nodes()
    const views = await Promise.all(running.map(async ({ membership }) => await membership.everyone()))
    const isWhole = views.every(({ nodes }) => nodes.filter(({ state }) => state === 'up').length === running.length)
    if (isWhole && seesTheTruth(cloud)) return
    await cloud.pass(100)
  }
  throw new Error('The nodes do not find one another.')
}

type SpawnArgs = ArgsOf<'spawn'>

/** Spawns one modelled program; says its id and node. */
export async function run (
  syscalls: Syscalls, argv: string[], more: Partial<Omit<SpawnArgs, 'program'>> & { input?: boolean } = {}
): Promise<{ id: ObjectId, node: string }> {
  const { input = false, ...rest } = more
  const { objects } = await syscalls.spawn({ program: { driver: 'modelled', argv, input }, ...rest })
  return objects[0] as { id: ObjectId, node: string }
}

export async function exitOf (syscalls: Syscalls, id: string): Promise<TaskExit> {
  return (await syscalls.wait({ id })).exit
}

/** The code that a call fails with. */
export async function codeOf (call: Promise<unknown>): Promise<ErrorCode | 'none'> {
  try {
    await call
    return 'none'
  } catch (error) {
    if (error instanceof CloudError) return error.code
    throw error
  }
}

export async function all<T> (items: AsyncIterable<T>): Promise<T[]> {
  const result: T[] = []
  for await (const item of items) result.push(item)
  return result
}

export async function textOf (
  chunks: AsyncIterable<{ stream: string, bytes: Uint8Array }>, stream = 'stdout'
): Promise<string> {
  const parts = (await all(chunks)).filter(chunk => chunk.stream === stream).map(({ bytes }) => Buffer.from(bytes))
  return Buffer.concat(parts).toString()
}

export async function * bytesOf (...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text)
}

import { CloudError, type ErrorCode, type ObjectId, type TaskExit } from '@welkin/interface'
import { grid, seesTheTruth, VirtualCloud } from '@welkin/sim'
import type { ArgsOf, Syscalls } from '@welkin/syscalls'

/** Sees a lost node soon, so that stories are short. */
export const QUICK = {
  resources: {
    probePeriodMs: 500, probeTimeoutMs: 200, suspicionMinMs: 1000, suspicionMaxMs: 2000, pushPauseMs: 50,
    summaryPeriodMs: 1000, healPeriodMs: 5000
  }
}

export interface CloudStory {
  nodes?: number
  sites?: number
  nodeOptions?: { resources?: object, processes?: object }
  seed?: string
}

/** Tells `story` in virtual time to a cloud whose nodes n1, n2, … all know one another. */
export async function inCloud (
  { nodes = 3, sites = 1, nodeOptions: { resources, ...nodeOptions } = {}, seed = 'kernel' }: CloudStory,
  story: (cloud: VirtualCloud) => Promise<void>
): Promise<void> {
  const cloud = new VirtualCloud({
    seed,
    places: grid({ sites, racks: 1, nodes }),
    nodeOptions: { ...QUICK, ...nodeOptions, resources: { ...QUICK.resources, ...resources } }
  })
  await cloud.timeline.until((async () => {
    await cloud.start('n1')
    for (const { name } of cloud.places.slice(1)) await cloud.start(name, ['n1'])
    await knowsAll(cloud)
    await story(cloud)
  })())
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

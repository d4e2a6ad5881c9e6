import { drawInteger, drawOne, isCloudError, type NodeId } from '@welkin/interface'
import { createVirtualRandom } from '@welkin/platform-virtual'
import type { VirtualCloud } from '@welkin/sim'
import { all, codeOf, inCloud, knowsAll, run } from './in-cloud.ts'
import { runningOn } from './moving.ts'

const COUNTING = ['run', '--seconds', '6000', '--count', '200', '--memory', `${2 ** 18}`, '--dirty', `${2 ** 16}`]
const OPTIONS = { migration: { patienceMs: 2000, againMsMax: 2000, leaseMs: 4000 } }
const KINDS = ['power', 'crash', 'pause', 'cut', 'move'] as const

/** Spare copies on a machine's disk, whether it is up or not. */
export function sparesOn (cloud: VirtualCloud, name: NodeId): string[] {
  return [...cloud.machines.get(name)?.platter.files.keys() ?? []].filter(file => file.startsWith('spare/'))
}

/** Faults and moves by chance befall a cloud in which an object's checkpoints are kept; says what broke. */
export async function tellKept (seed: string): Promise<string[]> {
  const broken: string[] = []
  const random = createVirtualRandom(seed)
  await inCloud({ nodes: 5, nodeOptions: OPTIONS, seed }, async cloud => {
    const checkpoints = { everyMs: 2000, onFailure: 'restore' as const, copies: 2 }
    const { id } = await run(cloud.syscalls('n1'), COUNTING, { on: 'n2', checkpoints })
    cloud.every(5, () => {
      const places = runningOn(cloud, id)
      if (places.length > 1) broken.push(`runs on ${places.join(' and ')} at ${cloud.nowMs}`)
    })
    await cloud.pass(6000)
    await Promise.all(Array.from({ length: 1 + drawInteger(random, 4) }, async () => {
      const kind = drawOne(random, KINDS) as (typeof KINDS)[number]
      const [name, to] = [1, 2].map(() => drawOne(random, cloud.places)?.name as string)
      const [atMs, forMs] = [random.unit() * 30_000, 500 + random.unit() * 30_000]
      await cloud.pass(atMs)
      if (kind === 'move') await tryMove(cloud, id, to as NodeId)
      else await strike(cloud, kind, name as NodeId, forMs)
    }))
    await knowsAll(cloud)
    const runs = await cloud.until(() => runningOn(cloud, id).length === 1, { timeoutMs: 120_000 })
    if (runs === undefined) broken.push('it runs nowhere')
    await cloud.pass(20_000)
    if (runningOn(cloud, id).length !== 1) broken.push('it does not run on')
    const isFound = async (): Promise<boolean> => await codeOf(cloud.syscalls('n1').stat({ id })) === 'none'
    if (await cloud.until(isFound, { timeoutMs: 60_000 }) === undefined) broken.push('it is not found')
    await cloud.syscalls('n1').kill({ id, graceMs: 0 })
    const names = cloud.places.map(({ name }) => name)
    const isBare = (): boolean => names.every(name => sparesOn(cloud, name).length === 0)
    if (await cloud.until(isBare, { timeoutMs: 60_000 }) !== undefined) return
    broken.push(...names.flatMap(name => {
      const count = sparesOn(cloud, name).length
      return count === 0 ? [] : [`${count} spare copies are left on ${name}`]
    }))
  })
  return broken
}

async function tryMove (cloud: VirtualCloud, id: string, to: NodeId): Promise<void> {
  const [asked] = cloud.running()
  if (asked === undefined) return
  const moving = all(cloud.syscalls(asked).migrate({ ids: [id], to })).catch((error: unknown) => {
    if (!isCloudError(error)) throw error
  })
  // Whoever was asked may fall.
  await Promise.race([moving, cloud.pass(60_000)])
}

async function strike (cloud: VirtualCloud, kind: 'power' | 'crash' | 'pause' | 'cut', name: NodeId, forMs: number) {
  const others = cloud.places.map(place => place.name).filter(other => other !== name)
  const links = (how: 'cut' | 'mend'): void => {
    for (const other of others) {
      cloud.network[how](name, other)
      cloud.network[how](other, name)
    }
  }
  if (kind === 'cut') {
    links('cut')
    await cloud.pass(forMs)
    links('mend')
    return
  }
  if (!cloud.isUp(name)) return
  if (kind === 'pause') {
    cloud.pause(name)
    await cloud.pass(forMs)
    cloud.resume(name)
    return
  }
  if (kind === 'power') cloud.powerOff(name)
  else cloud.crash(name)
  await cloud.pass(forMs)
  if (!cloud.isUp(name)) await cloud.start(name, others)
}

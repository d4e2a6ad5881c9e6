import { drawInteger, drawOne, isCloudError, type ByteStream, type NodeId, type ObjectId } from '@welkin/interface'
import { MODULES } from '@welkin/daemon'
import { createVirtualRandom } from '@welkin/platform-virtual'
import type { VirtualCloud } from '@welkin/sim'
import { dial } from '@welkin/syscalls'
import { all, inCloud } from './in-cloud.ts'
import { bytesOf, owner } from './talk.ts'

const NODES = ['n1', 'n2', 'n3', 'n4'] as const

export interface FollowOutcome { broken: string[], moves: number, heard: number }

/**
 * A topic is moved while somebody says lines to it over a resumable conversation and hears them again, and letters are
 * sent to it; connections are cut meanwhile. What was said must be heard once, and in order.
 */
export async function tellFollowing (
  { seed, moves, lines, faults }: { seed: string, moves: number, lines: number, faults: boolean }
): Promise<FollowOutcome> {
  const random = createVirtualRandom(seed)
  const outcome: FollowOutcome = { broken: [], moves: 0, heard: 0 }
  const nodeOptions = { migration: { patienceMs: 3000, againMsMax: 3000, lapseMs: 10_000 } }
  await inCloud({ nodes: 4, seed, nodeOptions, modules: MODULES, guarded: true }, async cloud => {
    const id = await spawnTopic(cloud, 'news', 'n2', ['10000'])
    const stream = await dial(owner(cloud, 'n1'), 'news:topic', { resumable: true })
    let isDone = false
    const talking = Promise.all([
      say(cloud, stream, lines), sendLetters(cloud, id, lines), hear(stream, 2 * lines)
    ]).then(([, , heard]) => heard).finally(() => { isDone = true })
    talking.catch(() => {})
    const striking = faults ? strike(cloud, random, () => isDone) : undefined
    for (let tries = 0; outcome.moves < moves && tries < 10 * moves; tries++) {
      await cloud.pass(random.unit() * 400)
      const to = drawOne(random, NODES.filter(name => name !== whereIs(cloud, id)))
      if (await moved(cloud, id, to as NodeId)) outcome.moves++
    }
    const heard = await talking
    await striking
    outcome.heard = heard.length
    outcome.broken.push(...faultsOf(heard, 'said', lines), ...faultsOf(heard, 'sent', lines))
    const wrong = heard.findIndex(({ number }, at) => number !== at + 1)
    if (wrong >= 0) outcome.broken.push(`entry ${wrong + 1} has number ${heard[wrong]?.number}`)
  })
  return outcome
}

export async function spawnTopic (
  cloud: VirtualCloud, name: string, on: NodeId, args: string[] = []
): Promise<ObjectId> {
  const { objects } = await cloud.syscalls('n1').spawn({
    program: { driver: 'builtin', argv: ['topic', ...args] }, name, on
  })
  const { id } = objects[0] as { id: ObjectId }
  await cloud.pass(500)
  return id
}

export async function moved (cloud: VirtualCloud, id: ObjectId, to: NodeId): Promise<boolean> {
  try {
    return (await all(cloud.syscalls('n1').migrate({ ids: [id], to }))).some(({ kind }) => kind === 'moved')
  } catch (error) {
    if (isCloudError(error)) return false
    throw error
  }
}

export function whereIs (cloud: VirtualCloud, id: ObjectId): NodeId | undefined {
  return cloud.nodes().find(({ processes }) => processes.has(id))?.id
}

export interface Entry { number: number, from: string, text: string }

async function say (cloud: VirtualCloud, stream: ByteStream, lines: number): Promise<void> {
  for (let nth = 1; nth <= lines; nth++) {
    await stream.send(bytesOf(`said ${nth}\n`))
    await cloud.pass(30)
  }
}

/** Each is sent until somebody says that it was taken. */
async function sendLetters (cloud: VirtualCloud, id: ObjectId, lines: number): Promise<void> {
  for (let nth = 1; nth <= lines; nth++) {
    const letter = { to: { object: id }, id: `letter-${nth}`, body: bytesOf(`sent ${nth}`) }
    for (let isTaken = false; !isTaken;) {
      isTaken = await cloud.syscalls('n3').send(letter).then(() => true, (error: unknown) => {
        if (isCloudError(error)) return false
        throw error
      })
      await cloud.pass(30)
    }
  }
}

export async function hear (stream: ByteStream, count: number): Promise<Entry[]> {
  const entries: Entry[] = []
  let rest = ''
  for await (const bytes of stream) {
    const lines = (rest + new TextDecoder().decode(bytes)).split('\n')
    rest = lines.pop() ?? ''
    entries.push(...lines.map(line => JSON.parse(line) as Entry))
    if (entries.length >= count) break
  }
  return entries
}

/** Cuts connections and ways between nodes, until it is said that it is over. */
async function strike (
  cloud: VirtualCloud, random: ReturnType<typeof createVirtualRandom>, isDone: () => boolean
): Promise<void> {
  while (!isDone()) {
    await cloud.pass(random.unit() * 3000)
    const one = drawOne(random, NODES) as NodeId
    const other = drawOne(random, NODES.filter(name => name !== one)) as NodeId
    if (drawInteger(random, 2) === 0) cloud.network.disconnect(one, other)
    else {
      for (const how of ['cut', 'mend'] as const) {
        cloud.network[how](one, other)
        cloud.network[how](other, one)
        await cloud.pass(random.unit() * 2000)
      }
    }
  }
}

function faultsOf (heard: readonly Entry[], what: string, lines: number): string[] {
  const numbers = heard.filter(({ text }) => text.startsWith(`${what} `)).map(({ text }) => Number(text.split(' ')[1]))
  const wrong = numbers.findIndex((number, at) => number !== at + 1)
  if (wrong >= 0) return [`${what}: ${numbers.slice(Math.max(0, wrong - 2), wrong + 3).join(' ')} at ${wrong}`]
  return numbers.length === lines ? [] : [`${what}: ${numbers.length} of ${lines}`]
}

import { drawInteger, drawOne, isCloudError, type NodeId, type ObjectId } from '@welkin/interface'
import { createVirtualRandom } from '@welkin/platform-virtual'
import type { VirtualCloud } from '@welkin/sim'
import { all, codeOf, inCloud, knowsAll, run, textOf } from './in-cloud.ts'
import { Letters } from './letters.ts'

/** What befalls whom in the middle of a move. */
export const FAULTS = ['source crashes', 'source loses power', 'target crashes', 'target loses power', 'link is cut',
  'asked node crashes', 'source is cut off', 'target is cut off', 'source stands still', 'target stands still'] as const
export type MoveFault = (typeof FAULTS)[number]

export interface MoveStory {
  seed: string
  /** From n2 (and n3, where there are two) to n4, asked of n1. */
  objects: 1 | 2
  /** Letters are sent to them meanwhile. */
  letters?: boolean
  /** In the middle of the move, so long after it was asked for. */
  faults: ReadonlyArray<{ what: MoveFault, atMs: number, forMs: number }>
}

export interface MoveOutcome {
  broken: string[]
  /** When something arrived between the nodes that take part, since the move was asked for. */
  momentsMs: number[]
  moved: boolean
  tookMs: number
}

const COUNTING = ['run', '--seconds', '600', '--count', '50', '--memory', `${2 ** 19}`, '--dirty', `${2 ** 18}`]
const SETTLE_MS = 90_000

/** Up to three faults, and letters that are sent meanwhile. */
export function drawStory (seed: string): MoveStory {
  const random = createVirtualRandom(seed)
  const faults = Array.from({ length: 1 + drawInteger(random, 3) }, () => ({
    what: drawOne(random, FAULTS) as MoveFault,
    atMs: random.unit() ** 3 * 3000,
    forMs: 20 + random.unit() ** 3 * 25_000
  }))
  return { seed, objects: random.unit() < 0.5 ? 1 : 2, letters: true, faults }
}

/** Moves counting objects while things fail, and says what broke of what must hold. */
export async function tellMove (
  { seed, objects, faults, letters: withLetters = false }: MoveStory
): Promise<MoveOutcome> {
  const outcome: MoveOutcome = { broken: [], momentsMs: [], moved: false, tookMs: 0 }
  let onMark = (_line: string): void => {}
  const nodeOptions = { migration: { patienceMs: 3000, againMsMax: 3000, lapseMs: 10_000 } }
  await inCloud({ nodes: 4, seed, nodeOptions, onMark: line => onMark(line) }, async cloud => {
    const ids = await Promise.all(Array.from({ length: objects }, async (_none, at) =>
      (await run(cloud.syscalls('n1'), COUNTING, { on: `n${2 + at}` })).id))
    await cloud.until(() => ids.every(id => runningOn(cloud, id).length === 1), { timeoutMs: 5000 })
    await cloud.pass(300)
    const stopWatching = cloud.every(2, () => {
      for (const id of ids) {
        const places = runningOn(cloud, id)
        if (places.length > 1) outcome.broken.push(`${id} runs on ${places.join(' and ')} at ${cloud.nowMs}`)
      }
    })
    const letters = withLetters ? ids.map(id => new Letters(cloud, id, () => cloud.syscalls('n3'))) : []
    const sending = Promise.all(letters.map(async each => await each.send()))
    const beganMs = cloud.nowMs
    onMark = line => {
      const [at, kind, , from, to] = line.split(' ')
      const takesPart = from !== to && [from, to].every(name => name !== undefined && /^n[1-4]$/.test(name))
      const counts = kind === 'request' || kind === 'answer' || kind === 'item'
      if (takesPart && counts) outcome.momentsMs.push(Number(at) - beganMs)
    }
    let isOver = false
    const moving = all(cloud.syscalls('n1').migrate({ ids, to: 'n4' })).then(items => {
      outcome.moved = items.filter(({ kind }) => kind === 'moved').length === objects
    }, (error: unknown) => {
      if (!isCloudError(error)) throw error
    }).finally(() => {
      isOver = true
      outcome.tookMs = cloud.nowMs - beganMs
      onMark = () => {}
    })
    await Promise.all(faults.map(async fault => await strike(cloud, fault)))
    await cloud.until(() => isOver, { timeoutMs: SETTLE_MS })
    if (isOver) await moving
    await knowsAll(cloud)
    const settled = await cloud.until(() => ids.every(id => isSettled(cloud, id)), { timeoutMs: SETTLE_MS })
    if (settled === undefined) outcome.broken.push(`not settled: ${ids.map(id => tell(cloud, id)).join('; ')}`)
    await cloud.pass(500)
    stopWatching()
    for (const each of letters) each.stop()
    await sending
    const losesTasks = faults.some(({ what }) => what.includes('power'))
    for (const id of ids) outcome.broken.push(...await faultsOf(cloud, id, losesTasks))
    for (const [at, each] of letters.entries()) {
      const place = objectsOf(cloud, ids[at] as ObjectId)[0]
      if (place !== undefined) outcome.broken.push(...await each.faultsAt(place.node))
    }
    const isElsewhere = ids.some(id => runningOn(cloud, id)[0] !== 'n4')
    if (!losesTasks && outcome.moved && isElsewhere) outcome.broken.push('it was said to have moved')
  })
  return outcome
}

export function runningOn (cloud: VirtualCloud, id: ObjectId): NodeId[] {
  return [...cloud.machines].flatMap(([name, { processes }]) => processes.runningObjects().includes(id) ? name : [])
}

async function strike (cloud: VirtualCloud, { what, atMs, forMs }: MoveStory['faults'][number]): Promise<void> {
  await cloud.pass(atMs)
  const name = what.startsWith('source') ? 'n2' : what.startsWith('asked') ? 'n1' : 'n4'
  const others = cloud.places.map(place => place.name).filter(other => other !== name)
  const cut = (one: NodeId, other: NodeId, how: 'cut' | 'mend'): void => {
    cloud.network[how](one, other)
    cloud.network[how](other, one)
  }
  if (what === 'link is cut') {
    cut('n2', 'n4', 'cut')
    await cloud.pass(forMs)
    cut('n2', 'n4', 'mend')
  } else if (what.endsWith('cut off')) {
    for (const other of others) cut(name, other, 'cut')
    await cloud.pass(forMs)
    for (const other of others) cut(name, other, 'mend')
  } else if (what.endsWith('stands still')) {
    if (!cloud.isUp(name)) return
    cloud.pause(name)
    await cloud.pass(forMs)
    cloud.resume(name)
  } else {
    if (!cloud.isUp(name)) return
    if (what.endsWith('power')) cloud.powerOff(name)
    else cloud.crash(name)
    await cloud.pass(forMs)
    await cloud.start(name, others.filter(other => cloud.isUp(other)))
  }
}

function objectsOf (cloud: VirtualCloud, id: ObjectId) {
  return cloud.nodes().flatMap(({ id: node, processes }) =>
    [...processes.all()].filter(({ record }) => record.id === id).map(object => ({ node, object })))
}

/** One node has it, and nobody waits for a word. */
function isSettled (cloud: VirtualCloud, id: ObjectId): boolean {
  const [first, ...others] = objectsOf(cloud, id)
  if (first === undefined || others.length > 0) return false
  const { record: { departure, arrival }, hasEnded } = first.object
  return departure === undefined && arrival === undefined && (hasEnded || runningOn(cloud, id).length === 1)
}

function tell (cloud: VirtualCloud, id: ObjectId): string {
  const places = objectsOf(cloud, id).map(({ node, object: { record: { departure, arrival }, state } }) =>
    `${node} ${state} ${JSON.stringify({ departure, arrival })}`)
  return `${id}: ${places.join(', ')}; runs on ${runningOn(cloud, id).join(' ')}`
}

async function faultsOf (cloud: VirtualCloud, id: ObjectId, mayBeLost: boolean): Promise<string[]> {
  // A connection that was cut is given up only after a time.
  const isFound = async (): Promise<boolean> => await codeOf(cloud.syscalls('n3').stat({ id })) === 'none'
  const found = await cloud.until(isFound, { timeoutMs: SETTLE_MS })
  if (found === undefined) return [`${id} is not found`]
  const { state, exit } = await cloud.syscalls('n3').stat({ id })
  if (state === 'ended') return mayBeLost && exit?.kind === 'lost' ? [] : [`${id} has ended: ${JSON.stringify(exit)}`]
  const text = await textOf(cloud.syscalls('n3').logs({ id }))
  const lines = text.trimEnd().split('\n')
  const wrong = lines.findIndex((line, at) => line !== `${at + 1}`)
  return wrong < 0 ? [] : [`${id} counts ${lines.slice(Math.max(0, wrong - 2), wrong + 3).join(' ')}`]
}

import { mapConcurrently } from '@welkin/async'
import { bench, type Figures } from '../bench.ts'
import type { Child } from '../child.ts'
import { runProgram } from '../programs.ts'
import { tell } from '../progress.ts'
import type { Stage } from '../stage.ts'
import { quantile } from '../statistics.ts'
import type { NamesQuestion, Round, RoundTold } from './names-worker.ts'
import type { Met, System } from './systems.ts'

/** `folder`: what they keep on disk, or where their program is. */
interface Shape {
  nodes: number, processes: number, names: number, callers: number, seconds: number, folder: string
}

/** Names that are put and got so that nodes have met, before anything is timed; for each node. */
const WARM_UP = 3
/** The share of nodes that are killed at once. */
const KILLED = 0.25

/** How fast names are bound and found where many nodes keep them, and what becomes of them when a quarter is killed. */
export const names = bench('Binding and finding names among many nodes, when all is well and after many were killed', {
  nodes: { about: 'nodes that keep names', usual: 64, quick: 8 },
  processes: { about: 'processes that they are in', usual: [1, 8], quick: [1, 2] },
  names: { about: 'names', usual: 200, quick: 16 },
  callers: { about: 'processes that call at a time', usual: 1, quick: 2 },
  seconds: { about: 'that a round of puts or gets takes at most', usual: 60, quick: 20 }
}, async ({ nodes, processes, names: count, callers, seconds }, stage) => {
  const hyperDhtFolder = await installHyperDht(stage)
  const measured = async (system: System): Promise<Record<string, Figures>> => {
    const figures: Record<string, Figures> = {}
    for (const each of processes) {
      const what = `${system}, ${nodes} nodes in ${each}`
      figures[what] = await stage.within(inner => {
        const folder = system === 'hyperdht' ? hyperDhtFolder : undefined
        return measure(inner, system, {
          nodes, processes: each, names: count, callers, seconds, folder: folder ?? inner.folder()
        })
      })
      tell(`${what}: ${JSON.stringify(figures[what])}`)
    }
    return figures
  }
  const figures = await measured('welkin')
  const rivals: Record<string, Figures | null> = {
    ...await measured('kad-dht'), ...hyperDhtFolder === undefined ? { hyperdht: null } : await measured('hyperdht')
  }
  const targets = Object.entries(figures).flatMap(([what, given]) => [
    { what: `${what}: ms to get a known name, p50`, value: given['knownP50Ms'] as number, atMost: 1 },
    { what: `${what}: ms to get a name for the first time, p50`, value: given['coldP50Ms'] as number, atMost: 20 },
    { what: `${what}: the same, p95`, value: given['coldP95Ms'] as number, atMost: 50 },
    { what: `${what}: ms to put, p50`, value: given['putP50Ms'] as number, atMost: 20 },
    { what: `${what}: ms to get after a quarter was killed, p95`, value: given['killedP95Ms'] as number, atMost: 100 },
    { what: `${what}: names lost then`, value: given['lost'] as number, atMost: 0 }
  ])
  return {
    figures,
    rivals,
    lines: { ...figures, ...rivals },
    targets,
    notes: [
      'One call at a time in each of the callers, over loopback, after nodes have come to know one another.',
      'Cold: a node that has not asked for the name before; known: the same node again. Names of Welkin are bound as',
      'users bind them: signed, looked up before, checked by the holders and synced to disk; the others put 200 bytes.',
      'Killed: at once, without a farewell; nobody tells the others. hyperdht speaks by datagrams, unencrypted.'
    ]
  }
})

async function measure (
  stage: Stage, system: System, { nodes, processes, names: count, callers, seconds, folder }: Shape
): Promise<Figures> {
  const workers = Array.from({ length: processes }, () => stage.fork(new URL('names-worker.js', import.meta.url)))
  const met: Met[] = []
  for (const worker of workers) {
    const start = { system, count: nodes / processes, folder, bootstrap: met[0]?.addresses[0] }
    met.push(...await ask<Met[]>(worker, { start }))
  }
  for (const worker of workers) await ask(worker, { meet: met })
  const numbers = Array.from({ length: Math.max(count, WARM_UP * nodes) }, (_, i) => i)
  const play = async (
    what: 'put' | 'get', some: readonly number[], shift: number, label = 'name'
  ): Promise<RoundTold> => await playRound(workers, callers, what, { label, numbers: some, shift, seconds })
  await play('put', numbers.slice(0, WARM_UP * nodes), 0, 'warm')
  const unmet = await play('get', numbers.slice(0, WARM_UP * nodes), 1, 'warm')
  const put = await play('put', numbers.slice(0, count), 0)
  const cold = await play('get', put.numbers, 1)
  const known = await play('get', cold.numbers, 1)
  await kill(workers, nodes * KILLED)
  const killed = await play('get', put.numbers, 2)
  const again = await play('get', killed.missing, 3)
  return {
    names: put.numbers.length,
    knownP50Ms: quantile(known.ms, 0.5),
    coldP50Ms: quantile(cold.ms, 0.5),
    coldP95Ms: quantile(cold.ms, 0.95),
    putP50Ms: quantile(put.ms, 0.5),
    putP95Ms: quantile(put.ms, 0.95),
    warmUpP95Ms: quantile(unmet.ms, 0.95),
    killedP50Ms: quantile(killed.ms, 0.5),
    killedP95Ms: quantile(killed.ms, 0.95),
    missedAtOnce: killed.missing.length + cold.missing.length,
    lost: again.missing.length
  }
}

/** `callers` processes at a time, each with its share of the names and `shift` of another one's. */
async function playRound (
  workers: readonly Child[], callers: number, what: 'put' | 'get', round: Omit<Round, 'processes'>
): Promise<RoundTold> {
  const processes = workers.length
  const seconds = round.seconds * Math.min(1, callers / processes)
  const told = await mapConcurrently(workers, callers, async (worker, place) => {
    const share = round.numbers.filter(number => (number + round.shift) % processes === place)
    return await ask<RoundTold>(worker, { play: what, round: { ...round, numbers: share, processes, seconds } })
  })
  return {
    numbers: told.flatMap(({ numbers }) => numbers),
    ms: told.flatMap(({ ms }) => ms),
    missing: told.flatMap(({ missing }) => missing)
  }
}

/** Whole processes, where there are several; they are no longer asked then. */
async function kill (workers: Child[], count: number): Promise<void> {
  if (workers.length === 1) {
    await ask(workers[0] as Child, { lose: count })
    return
  }
  const each = Math.max(1, Math.round(workers.length * KILLED))
  for (const { process } of workers.splice(workers.length - each, each)) process.kill('SIGKILL')
}

async function ask<Answer> (worker: Child, question: NamesQuestion): Promise<Answer> {
  return await worker.ask<Answer>(question)
}

/** Where it was put, which is no part of this house; undefined: there is no registry in reach. */
async function installHyperDht (stage: Stage): Promise<string | undefined> {
  const folder = stage.folder()
  try {
    await runProgram('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', 'hyperdht@6'])
    return folder
  } catch {
    return undefined
  }
}

import type { Syscalls } from '@welkin/abi'
import { bench } from '../bench.ts'
import { contender, contest, type Contender } from '../contest.ts'
import type { Load } from '../load.ts'
import type { Stage } from '../stage.ts'
import type { BareQuestion } from './bare-node.ts'
import { slurm } from './slurm.ts'
import { taskSpooler } from './task-spooler.ts'

const TRUE = { program: { argv: ['/bin/true'] } }
/** As the others start their tasks. */
const PLAIN = { ...TRUE, isolation: 'none' } as const

const ISOLATED = 'welkin, isolated'

/** How fast tasks come and go, beside what starts processes with less care. */
export const spawn = bench('Tasks of /bin/true through one daemon, each spawned and waited for', {
  rounds: { about: 'turns of each contender', usual: 5, quick: 1 },
  ms: { about: 'length of a turn', usual: 2000, quick: 200 },
  inFlight: { about: 'tasks at a time', usual: 32, quick: 32 }
}, async (rules, stage) => {
  const { syscalls } = await stage.connect(await stage.daemon())
  const queues = { 'task-spooler': await taskSpooler(stage, rules.inFlight), slurm: await slurm(stage, rules.inFlight) }
  const present = Object.values(queues).filter(queue => queue !== undefined)
  const contenders = [
    contender('welkin', () => runTask(syscalls, PLAIN)), contender(ISOLATED, () => runTask(syscalls, TRUE)),
    bareNode(stage), ...present
  ]
  const { figures: measured, ratio } = await contest(contenders, rules)

  const absent = Object.keys(queues).filter(name => !(name in measured)).map(name => [name, null] as const)
  const lines = { ...measured, ...Object.fromEntries(absent) }
  const { welkin, [ISOLATED]: _isolated, ...rivals } = lines
  const figures = {
    ...welkin, ratioToBareNode: ratio('welkin', 'bare node'), ratioIsolated: ratio(ISOLATED, 'welkin')
  }
  return {
    figures,
    rivals,
    lines,
    targets: [
      { what: 'rate beside bare node', value: figures.ratioToBareNode, atLeast: 0.7 },
      { what: 'milliseconds from submission to result alone, p50', value: welkin?.['p50Ms'] ?? Number.NaN, atMost: 15 }
    ],
    notes: [
      `Rates with ${rules.inFlight} in flight, times with one. "welkin" is without isolation, as its rivals are; ` +
      `"${ISOLATED}" is as tasks run unless they ask otherwise.`
    ]
  }
})

async function runTask (syscalls: Syscalls, spec: typeof TRUE): Promise<void> {
  const { objects: [object] } = await syscalls.spawn(spec)
  if (object === undefined) throw new Error('No object was made.')
  const { exit } = await syscalls.wait({ id: object.id })
  if (exit.kind !== 'exited' || exit.code !== 0) throw new Error(`/bin/true did not end well: ${JSON.stringify(exit)}`)
}

/** The rival makes its own load, so that nothing but spawning happens in its process. */
function bareNode (stage: Stage): Contender {
  const child = stage.fork(new URL('bare-node.js', import.meta.url))
  return {
    name: 'bare node',
    rate: (load: Load) => child.ask<number>({ rate: load } satisfies BareQuestion),
    latencies: ms => child.ask<number[]>({ latenciesMs: ms } satisfies BareQuestion)
  }
}

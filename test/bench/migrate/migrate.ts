import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ArgsOf, ReplyOf, Syscalls } from '@welkin/abi'
import { isCloudError } from '@welkin/interface'
import { bench, type Figures } from '../bench.ts'
import { median } from '../statistics.ts'

const MEGA = 2 ** 20
const WARM_UP_MS = 500

type Moved = Extract<ReplyOf<'migrate'>, { kind: 'moved' }>
type Program = Pick<ArgsOf<'spawn'>, 'program' | 'files'>

/** How long an object stands still while it moves between two daemons, and what that takes, by how much it has. */
export const migrate = bench('An object moved from one daemon to another and back, by what it has of memory', {
  megabytes: { about: 'memory that the program writes to once, MiB', usual: [1, 16, 128], quick: [1] },
  rounds: { about: 'moves of each', usual: 6, quick: 2 }
}, async ({ megabytes, rounds }, stage, [module]) => {
  const nodes = await stage.cloud(2)
  const { syscalls } = await stage.connect(nodes[0] as (typeof nodes)[number])
  const names = nodes.map(({ id }) => id)
  const lines: Record<string, Figures | null> = {}
  const shell: Program = { program: { argv: ['sh', '-c', 'while :; do sleep 0.1; done'] } }
  lines['native, started anew'] = await measure(syscalls, names, shell, { rounds, restart: true, bytes: 0 })
  for (const size of megabytes) {
    const wasm = module === undefined ? undefined : await moduleOf(syscalls, module, size * MEGA)
    lines[`wasm, ${size} MiB`] = wasm === undefined
      ? null
      : await measure(syscalls, names, wasm, { rounds, restart: false, bytes: size * MEGA })
  }
  const { 'native, started anew': anew, ...wasm } = lines
  return {
    figures: Object.fromEntries(Object.entries(wasm)
      .flatMap(([what, figures]) => figures === null ? [] : [[what, figures]])),
    rivals: { 'started anew': anew ?? null },
    lines,
    targets: Object.entries(wasm).flatMap(([what, figures]) => figures === null ? [] : [
      { what: `${what}: milliseconds of standing still, median`, value: figures['downMs'] ?? Number.NaN, atMost: 300 }
    ]),
    notes: [
      'From one daemon to another on this machine, and back. The file that may be given is a WebAssembly program that',
      'takes "counts BYTES": it writes to so many bytes once, then writes 1, 2, 3, … line by line.'
    ]
  }
}, { files: 'PROGRAM.wasm' })

async function moduleOf (syscalls: Syscalls, path: string, bytes: number): Promise<Program | undefined> {
  const content = await readFile(path)
  const { blob } = await syscalls.blob.put({}, { input: (async function * () { yield content })() })
  return {
    program: { driver: 'wasm', argv: ['program.wasm', 'counts', `${bytes}`] },
    files: [{ path: 'program.wasm', blob }]
  }
}

/** Medians over the moves; null where no node has the driver. */
async function measure (
  syscalls: Syscalls, nodes: readonly string[], program: Program,
  { rounds, restart, bytes }: { rounds: number, restart: boolean, bytes: number }
): Promise<Figures | null> {
  const id = await start(syscalls, program, nodes[0] as string)
  if (id === undefined) return null
  const moves: Moved[] = []
  for (let round = 0; round < rounds; round++) {
    await sleep(WARM_UP_MS)
    const to = nodes[(round + 1) % nodes.length] as string
    for await (const item of syscalls.migrate({ ids: [id], to, restart })) if (item.kind === 'moved') moves.push(item)
  }
  await syscalls.kill({ id, graceMs: 0 })
  const of = (what: 'totalMs' | 'downMs' | 'bytes' | 'rounds'): number => median(moves.map(moved => moved[what]))
  const sentMiB = of('bytes') / MEGA
  const ratioToMemory = bytes === 0 ? {} : { sentToMemory: of('bytes') / bytes }
  return { totalMs: of('totalMs'), downMs: of('downMs'), sentMiB, rounds: of('rounds'), ...ratioToMemory }
}

async function start (syscalls: Syscalls, program: Program, on: string): Promise<string | undefined> {
  try {
    return (await syscalls.spawn({ ...program, on })).objects[0]?.id
  } catch (error) {
    if (isCloudError(error, 'ENOSYS')) return undefined
    throw error
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { ReplyOf, Syscalls } from '@welkin/abi'
import { bench, type Figures } from '../bench.ts'
import type { Stage } from '../stage.ts'
import { median, quantile } from '../statistics.ts'
import { migrateQemu } from './qemu.ts'
import { Steady } from './steady.ts'

const MEGA = 2 ** 20
const WARM_UP_MS = 1000
/** What is computed in the time of a move, or a little more. */
const LINES_A_MOVE = 40
const LINES_LEAST = 200
const DOWN_MS_MAX: Readonly<Record<number, number>> = { 10: 20, 256: 60 }

type Moved = Extract<ReplyOf<'migrate'>, { kind: 'moved' }>

/** How long an object stands still while it moves between two daemons, and what that takes, by how much it has. */
export const migrate = bench('An object moved from one daemon to another and back, by what it has of memory', {
  megabytes: { about: 'memory of the program, MiB, of which it writes to 1 % a second', usual: [10, 256], quick: [1] },
  rounds: { about: 'moves of each', usual: 10, quick: 2 },
  moves: { about: 'moves of a program whose output is compared with that of one that stayed', usual: 100, quick: 4 },
  guest: { about: 'memory of a virtual machine of QEMU, MiB, that is moved beside it', usual: 256, quick: 64 }
}, async ({ megabytes, rounds, moves, guest }, stage) => {
  const nodes = await stage.cloud(2)
  const connections = await Promise.all(nodes.map(async node => (await stage.connect(node)).syscalls))
  const cloud: Cloud = { syscalls: connections[0] as Syscalls, nodes: nodes.map(({ id }) => id) }
  const steady = await Steady.put(cloud.syscalls)
  const lines: Record<string, Figures> = {}
  for (const size of megabytes) lines[`wasm, ${size} MiB`] = await ticking(cloud, steady, size, rounds)
  const journey = await compared(cloud, steady, moves)
  const qemu = await stage.within(async (part: Stage) => await migrateQemu(part, guest))
  const rival = `qemu (TCG), ${guest} MiB`
  return {
    figures: { ...lines, journey },
    rivals: { [rival]: qemu },
    lines: { ...lines, [`${moves} moves`]: journey, [rival]: qemu },
    targets: [
      ...megabytes.flatMap(size => {
        const [figures, atMost] = [lines[`wasm, ${size} MiB`], DOWN_MS_MAX[size]]
        if (atMost === undefined) return []
        return [{ what: `${size} MiB: milliseconds down, median`, value: figures?.['downMs'] ?? Number.NaN, atMost }]
      }),
      { what: 'lines of the moved program that differ', value: journey['different'] ?? Number.NaN, atMost: 0 }
    ],
    notes: [
      'From one daemon to another on this machine over the encrypted connection, and back. `downMs` is what the source',
      'measures, from its order to stop until it hears that the object has begun at the target (`capture` to `take` are',
      'its parts); `gapMs` is seen from outside: the longest pause between two lines of a program that writes the time',
      'every 2 ms, over the whole of the move; `restMs` the same over as long without a move. All are medians. `sent` is',
      'of pages. QEMU: two processes, a guest that writes to its memory, `downtime` as query-migrate tells it.'
    ]
  }
})

interface Cloud { syscalls: Syscalls, nodes: readonly string[] }

/** Medians over the moves of a program that tells the time. */
async function ticking ({ syscalls, nodes }: Cloud, steady: Steady, size: number, rounds: number): Promise<Figures> {
  const { id, ticks, ended } = await steady.tick(syscalls, nodes[0] as string, size)
  const moves: Moved[] = []
  const gaps: number[] = []
  const rests: number[] = []
  for (let round = 0; round < rounds; round++) {
    await sleep(WARM_UP_MS)
    const fromMs = Date.now()
    moves.push(await move(syscalls, id, nodes[(round + 1) % nodes.length] as string))
    const untilMs = Date.now()
    await ticks.after(untilMs)
    gaps.push(ticks.longestGapMs(fromMs, untilMs))
    rests.push(ticks.longestGapMs(fromMs - Math.min(WARM_UP_MS, untilMs - fromMs), fromMs))
  }
  await syscalls.kill({ id, graceMs: 0 })
  await ended
  const of = (take: (moved: Moved) => number): number => median(moves.map(take))
  return {
    downMs: of(({ downMs }) => downMs), downMsP90: quantile(moves.map(({ downMs }) => downMs), 0.9),
    captureMs: of(({ down }) => down?.captureMs ?? Number.NaN), copyMs: of(({ down }) => down?.copyMs ?? Number.NaN),
    noteMs: of(({ down }) => down?.noteMs ?? Number.NaN), takeMs: of(({ down }) => down?.takeMs ?? Number.NaN),
    gapMs: median(gaps), restMs: median(rests), totalMs: of(({ totalMs }) => totalMs),
    sentMiB: of(({ bytes }) => bytes) / MEGA, sentToMemory: of(({ bytes }) => bytes) / (size * MEGA),
    rounds: of(moved => moved.rounds)
  }
}

/** A program that is moved all the time, beside one that stays. */
async function compared ({ syscalls, nodes }: Cloud, steady: Steady, count: number): Promise<Figures> {
  const [here] = nodes as [string]
  const stayed = await steady.digest(syscalls, here, LINES_LEAST + count * LINES_A_MOVE)
  await stayed.ended
  const moved = await steady.digest(syscalls, here, LINES_LEAST + count * LINES_A_MOVE)
  const moves: Moved[] = []
  while (moves.length < count) {
    moves.push(await move(syscalls, moved.id, nodes[(moves.length + 1) % nodes.length] as string))
  }
  await moved.ended
  const [lines, expected] = [moved.text().split('\n'), stayed.text().split('\n')]
  const different = expected.filter((line, at) => line !== lines[at]).length + Math.abs(lines.length - expected.length)
  return { moves: moves.length, downMs: median(moves.map(({ downMs }) => downMs)), different, lines: expected.length - 1 }
}

async function move (syscalls: Syscalls, id: string, to: string): Promise<Moved> {
  for await (const item of syscalls.migrate({ ids: [id], to })) if (item.kind === 'moved') return item
  throw new Error(`Object ${id} was not moved to ${to}.`)
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { ReplyOf, Syscalls } from '@welkin/abi'
import { isCloudError } from '@welkin/interface'
import { bench, type Figures } from '../bench.ts'
import { until, type Stage } from '../stage.ts'
import { median, quantile } from '../statistics.ts'
import { migrateQemu } from './qemu.ts'
import { Steady } from './steady.ts'

const MEGA = 2 ** 20
const WARM_UP_MS = 1000
/** As good as without end. */
const LINES_MAX = 1e9
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
      'From one daemon to another of this machine over the encrypted connection and back. `downMs` is what the',
      'source measures, from the order to stop until it hears that the object has begun there (`capture` to `take` are',
      'its parts). A program that writes the time every 2 ms sees it from outside: `gapMs` is the longest time between',
      'two of its lines around the stop, `pauseMs` while it is copied, `restMs` before. All are medians; `sent` is of',
      'pages. QEMU: two processes, a guest that writes to its memory, down as query-migrate tells it.'
    ]
  }
})

interface Cloud { syscalls: Syscalls, nodes: readonly string[] }

/** Medians over the moves of a program that tells the time. */
async function ticking ({ syscalls, nodes }: Cloud, steady: Steady, size: number, rounds: number): Promise<Figures> {
  const { id, ticks, ended } = await steady.tick(syscalls, nodes[0] as string, size)
  const moves: Moved[] = []
  const gaps: number[] = []
  const pauses: number[] = []
  const rests: number[] = []
  for (let round = 0; round < rounds; round++) {
    await sleep(WARM_UP_MS)
    const fromMs = Date.now()
    moves.push(await move(syscalls, id, nodes[(round + 1) % nodes.length] as string))
    const untilMs = Date.now()
    await ticks.after(untilMs)
    const stoppedMs = untilMs - 2 * (moves.at(-1)?.downMs ?? 0)
    gaps.push(ticks.longestGapMs(stoppedMs, untilMs))
    pauses.push(ticks.longestGapMs(fromMs, stoppedMs))
    rests.push(ticks.longestGapMs(fromMs - WARM_UP_MS / 2, fromMs))
  }
  await syscalls.kill({ id, graceMs: 0 })
  await ended
  const of = (take: (moved: Moved) => number): number => median(moves.map(take))
  return {
    downMs: of(({ downMs }) => downMs), downMsP90: quantile(moves.map(({ downMs }) => downMs), 0.9),
    captureMs: of(({ down }) => down?.captureMs ?? Number.NaN), copyMs: of(({ down }) => down?.copyMs ?? Number.NaN),
    noteMs: of(({ down }) => down?.noteMs ?? Number.NaN), takeMs: of(({ down }) => down?.takeMs ?? Number.NaN),
    gapMs: median(gaps), pauseMs: median(pauses), restMs: median(rests), totalMs: of(({ totalMs }) => totalMs),
    sentMiB: of(({ bytes }) => bytes) / MEGA, sentToMemory: of(({ bytes }) => bytes) / (size * MEGA),
    rounds: of(moved => moved.rounds)
  }
}

/** What a program has written that was moved all the time, beside one that stays. */
async function compared ({ syscalls, nodes }: Cloud, steady: Steady, count: number): Promise<Figures> {
  const [here] = nodes as [string]
  const moved = await steady.digest(syscalls, here, LINES_MAX)
  const moves: Moved[] = []
  while (moves.length < count) {
    moves.push(await move(syscalls, moved.id, nodes[(moves.length + 1) % nodes.length] as string))
  }
  await syscalls.kill({ id: moved.id, graceMs: 0 })
  await moved.ended
  const lines = moved.text().split('\n').slice(0, -1)
  const stayed = await steady.digest(syscalls, here, lines.length)
  await stayed.ended
  const expected = stayed.text().trimEnd().split('\n')
  const different = lines.filter((line, at) => line !== expected[at]).length
  return { moves: count, downMs: median(moves.map(({ downMs }) => downMs)), different, lines: lines.length }
}

/** One that has just come goes on only when where it was knows that. */
async function move (syscalls: Syscalls, id: string, to: string): Promise<Moved> {
  let moved: Moved | undefined
  await until(async () => {
    try {
      for await (const item of syscalls.migrate({ ids: [id], to })) if (item.kind === 'moved') moved = item
    } catch (error) {
      if (!isCloudError(error, 'EAGAIN')) throw error
    }
    return moved !== undefined
  })
  return moved as unknown as Moved
}

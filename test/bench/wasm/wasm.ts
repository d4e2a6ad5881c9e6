import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createWasmDriver } from '@welkin/driver-wasm'
import { SILENT, type Driver, type Task, type TaskSpec } from '@welkin/interface'
import { createNodeClock } from '@welkin/platform-node'
import { bench, type Figures } from '../bench.ts'
import { takenBy } from '../proc.ts'
import { median, quantile } from '../statistics.ts'
import { moveOf } from './moves.ts'

const MEGA = 1e6
const STARTS_AT_ONCE = 8
const KILLS = 20

const TOOLBOX = fileURLToPath(new URL('../../../../packages/driver-wasm/test/programs/toolbox.wasm', import.meta.url))

const idOf = (n: number): string => n.toString(16).padStart(32, '0')

const specOf = (n: number, ...args: string[]): TaskSpec => ({
  id: idOf(n), attempt: 0, argv: [TOOLBOX, ...args], env: {}, files: [], limits: {}, input: false
})

/** What WebAssembly objects cost their node, and what it takes to take them up. */
export const wasm = bench('WebAssembly objects: how many, how fast they start, are ended, taken up and go on', {
  objects: { about: 'how many run at a time', usual: 1000, quick: 10 },
  megabytes: { about: 'memories of programs that move', usual: [1, 16, 256], quick: [1] }
}, async ({ objects, megabytes }) => {
  const directory = await mkdtemp(join(tmpdir(), 'welkin-bench-wasm-'))
  const drivers: Driver[] = []
  const driverOf = async (machine: string): Promise<Driver> => {
    const driver = createWasmDriver({ directory: join(directory, machine), clock: createNodeClock(), log: SILENT })
    drivers.push(driver)
    await driver.start()
    return driver
  }
  try {
    const driver = await driverOf('here')
    const crowd = await crowdOf(driver, objects)
    const kills = await killsOf(driver)
    const there = await driverOf('there')
    const moves: Record<string, Figures> = {}
    for (const size of megabytes) {
      moves[`${size} MB`] = await moveOf(driver, there, specOf(2_000_000 + size, 'fill', `${size}`))
    }
    return {
      figures: { crowd, kills, ...moves },
      rivals: {},
      lines: { [`${objects} objects`]: crowd, 'a busy loop': kills, ...moves },
      targets: [],
      notes: [
        'An object sleeps after its start; its memory is that of the process, divided. `live` is a first state of a',
        'program that runs on, `again` one soon after it; `stop` one that it stands still from; `goOn` is from there',
        'until it runs in the other place. Half of the pages are zeros.'
      ]
    }
  } finally {
    for (const driver of drivers) await driver.stop()
    await rm(directory, { recursive: true })
  }
})

async function crowdOf (driver: Driver, count: number): Promise<Figures> {
  await (await driver.run(specOf(1_000_000, 'exit', '0'))).ended // made suspendable, and compiled
  const before = await takenBy(process.pid)
  const startMs = performance.now()
  const tasks: Task[] = []
  const startsMs: number[] = []
  let next = 0
  await Promise.all(Array.from({ length: STARTS_AT_ONCE }, async () => {
    while (next < count) {
      const beganMs = performance.now()
      tasks.push(await driver.run(specOf(next++, 'sleep')))
      startsMs.push(performance.now() - beganMs)
    }
  }))
  const passed = (performance.now() - startMs) / 1000
  const after = await takenBy(process.pid)
  const endMs = performance.now()
  await Promise.all(tasks.map(async task => {
    await task.stop(0)
    await task.ended
  }))
  return {
    startsPerSecond: count / passed, startMs: median(startsMs),
    rssMBEach: (after.rssBytes - before.rssBytes) / MEGA / count, endMsEach: (performance.now() - endMs) / count
  }
}

async function killsOf (driver: Driver): Promise<Figures> {
  const timesMs: number[] = []
  for (let nth = 0; nth < KILLS; nth++) {
    const task = await driver.run(specOf(3_000_000 + nth, 'spin'))
    const startMs = performance.now()
    await task.stop(0)
    await task.ended
    timesMs.push(performance.now() - startMs)
  }
  return { killMs: median(timesMs), killMsP95: quantile(timesMs, 0.95) }
}

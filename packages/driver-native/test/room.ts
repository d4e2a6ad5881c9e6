import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  SILENT, type Clock, type Driver, type Isolation, type ObjectId, type OutputStream, type Task, type TaskEnd,
  type TaskFile, type TaskSpec
} from '@welkin/interface'
import { untilOutput as untilWritten, wholeOutput } from '@welkin/port-compliance'
import { createNativeDriver, endShepherd, type NativeDriverOptions } from '../src/index.ts'

/** How the tasks of all specs are isolated that do not say it themselves; for running all again without. */
const ISOLATION = process.env['WELKIN_TEST_ISOLATION'] as Isolation | undefined

export const ID = '0123456789abcdef0123456789abcdef'

export const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  }
}

/** The same driver, whose tasks are isolated like this unless they say otherwise. */
export function isolated (driver: Driver, isolation: Isolation): Driver {
  const run = driver.run.bind(driver)
  driver.run = async spec => await run({ isolation, ...spec })
  return driver
}

/** The `n`th of many ids. */
export const idOf = (n: number): ObjectId => n.toString(16).padStart(32, '0')

export const shell = (script: string, ...args: string[]): string[] => ['sh', '-c', script, 'sh', ...args]

export function specOf (argv: readonly string[], rest: Partial<TaskSpec> = {}): TaskSpec {
  return { id: ID, attempt: 0, argv, env: {}, files: [], limits: {}, input: false, ...rest }
}

let marks = 0

/** Seconds that only one command line holds, so that its processes are found wherever they run: see `pidsWith`. */
export const longTime = (): string => `1000.${process.pid}${marks++}`

/** A data directory with its drivers, of which one after the other lives. */
export class Room {
  readonly directory: string
  readonly #options: Partial<NativeDriverOptions>
  readonly #drivers: Driver[] = []

  static async open (options: Partial<NativeDriverOptions> = {}): Promise<Room> {
    return new Room(await mkdtemp(join(tmpdir(), 'welkin-native-')), options)
  }

  private constructor (directory: string, options: Partial<NativeDriverOptions>) {
    this.directory = directory
    this.#options = options
  }

  async driver (options: Partial<NativeDriverOptions> = {}): Promise<Driver> {
    const driver = createNativeDriver({ directory: this.directory, clock, log: SILENT, ...this.#options, ...options })
    this.#drivers.push(driver)
    await driver.start()
    return ISOLATION === undefined ? driver : isolated(driver, ISOLATION)
  }

  async endShepherd (): Promise<void> {
    await endShepherd({ directory: this.directory, clock, log: SILENT })
  }

  /** Where what the task wrote to its directory stands. */
  work (path: string, id = ID): string {
    return join(this.directory, 'tasks', id, 'work', path)
  }

  /** A file of this machine that a spec can name. */
  async file (path: string, content: string, { executable = false, mode = 0o444 } = {}): Promise<TaskFile> {
    const localPath = join(this.directory, `blob-${path.replaceAll('/', '-')}`)
    await writeFile(localPath, content)
    await chmod(localPath, mode)
    return { path, executable, localPath, async * open () { yield Buffer.from(content) } }
  }

  async close (): Promise<void> {
    for (const driver of this.#drivers) await driver.stop()
    await this.endShepherd()
    await rm(this.directory, { recursive: true })
  }
}

export async function textOf (driver: Driver, stream: OutputStream = 'stdout', id = ID): Promise<string> {
  return await wholeOutput(driver.output(id), stream)
}

/** Resolves to the standard output as soon as it is so. */
export async function untilOutput (driver: Driver, pattern: RegExp, id = ID): Promise<string> {
  return await untilWritten(driver.output(id), text => pattern.test(text))
}

export function isTask (trace: Task | TaskEnd | undefined): trace is Task {
  return trace !== undefined && 'ended' in trace
}

/** The process that started `pid`. */
export async function parentOf (pid: number): Promise<number> {
  return Number(/^PPid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1])
}

/** Resolves when the process has ended; whoever ought to may not have waited for it yet. */
export async function untilGone (pid: number): Promise<void> {
  while (await isAlive(pid)) await sleep(5)
}

async function isAlive (pid: number): Promise<boolean> {
  try {
    return !/^State:\s+[ZX]/m.test(await readFile(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** The processes of this machine that have this text in their command line. */
export async function pidsWith (text: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)
  const lines = await Promise.all(pids.map(async pid => {
    return await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')
  }))
  return pids.filter((_pid, i) => lines[i]?.includes(text))
}

export async function untilNoneWith (text: string): Promise<void> {
  for (const pid of await pidsWith(text)) await untilGone(pid)
}

export async function failureOf (promise: Promise<unknown>): Promise<{ code: string, message: string }> {
  const outcome = await promise.then(() => undefined, error => error as { code: string, message: string })
  if (outcome === undefined) throw new Error('It did not reject.')
  return outcome
}

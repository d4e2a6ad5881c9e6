import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  SILENT, type Clock, type Driver, type ObjectId, type OutputStream, type TaskFile, type TaskSpec
} from '@welkin/interface'
import { untilOutput as untilWritten, wholeOutput } from '@welkin/port-compliance'
import { createWasmDriver, type WasmDriverOptions } from '../src/index.ts'

export const ID = '0123456789abcdef0123456789abcdef'

export const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  }
}

/** The `n`th of many ids. */
export const idOf = (n: number): ObjectId => n.toString(16).padStart(32, '0')

/** The modules that the specs run, which were built by `programs/build.sh`. */
export const TOOLBOX = fileURLToPath(new URL('../../test/programs/toolbox.wasm', import.meta.url))
export const MAIL = fileURLToPath(new URL('../../test/programs/mail.wasm', import.meta.url))
export const TALK = fileURLToPath(new URL('../../test/programs/talk.wasm', import.meta.url))

export const toolbox = (...args: string[]): string[] => [TOOLBOX, ...args]

export function specOf (argv: readonly string[], rest: Partial<TaskSpec> = {}): TaskSpec {
  return { id: ID, attempt: 0, argv, env: {}, files: [], limits: {}, input: false, ...rest }
}

export function fileOf (path: string, content: Uint8Array | string): TaskFile {
  return { path, executable: false, localPath: undefined, async * open () { yield Buffer.from(content) } }
}

export const toolboxBytes = async (): Promise<Uint8Array> => await readFile(TOOLBOX)

/** Directories with their drivers, of which each stands for a machine. */
export class Room {
  readonly directory: string
  readonly #drivers: Driver[] = []

  static async open (): Promise<Room> {
    return new Room(await mkdtemp(join(tmpdir(), 'welkin-wasm-')))
  }

  private constructor (directory: string) {
    this.directory = directory
  }

  async driver (machine = 'here', options: Partial<WasmDriverOptions> = {}): Promise<Driver> {
    const driver = createWasmDriver({ directory: join(this.directory, machine), clock, log: SILENT, ...options })
    this.#drivers.push(driver)
    await driver.start()
    return driver
  }

  async close (): Promise<void> {
    for (const driver of this.#drivers) await driver.stop()
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

export async function failureOf (promise: Promise<unknown>): Promise<{ code: string, message: string }> {
  const outcome = await promise.then(() => undefined, error => error as { code: string, message: string })
  if (outcome === undefined) throw new Error('It did not reject.')
  return outcome
}

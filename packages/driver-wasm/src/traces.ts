import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectId, TaskEnd } from '@welkin/interface'
import { asCloudError } from '@welkin/platform-node/faults'
import { taskDirectory } from './layout.ts'

/** That an attempt of an object was begun, and how it ended. */
interface Trace { attempt: number, end?: TaskEnd }

const LOST: TaskEnd = {
  exit: { kind: 'lost', reason: 'WebAssembly tasks end with the daemon, and nobody saw how this one would have.' },
  usage: {}
}

/** What the next life of the daemon finds of tasks. They end with it, so that it finds no task that runs. */
export class Traces {
  readonly #directory: string

  constructor (directory: string) {
    this.#directory = directory
  }

  /** Rejects ENOSPC, EIO. */
  async put (id: ObjectId, trace: Trace): Promise<void> {
    const directory = taskDirectory(this.#directory, id)
    const path = join(directory, 'trace.json')
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await writeFile(`${path}.draft`, JSON.stringify(trace))
      await rename(`${path}.draft`, path)
    } catch (error) {
      throw asCloudError(error, 'That the task runs could not be written down')
    }
  }

  /** Undefined: no such attempt was begun. */
  async find (id: ObjectId, attempt: number): Promise<TaskEnd | undefined> {
    let trace: Trace
    try {
      trace = JSON.parse(await readFile(join(taskDirectory(this.#directory, id), 'trace.json'), 'utf8')) as Trace
    } catch {
      return undefined
    }
    return trace.attempt < attempt ? undefined : trace.end ?? LOST
  }

  async forget (id: ObjectId): Promise<void> {
    await rm(join(taskDirectory(this.#directory, id), 'trace.json'), { force: true })
  }
}

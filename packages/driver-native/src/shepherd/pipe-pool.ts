import { execFile } from 'node:child_process'
import { closeSync, constants, mkdirSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { asCloudError } from '@welkin/platform-node/faults'

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

/** How many are made at once, at least; later as many as were made so far. */
const MADE_MIN = 16

/** Both ends of a pipe; `name` is what it is given back under. */
export interface Pipe { name: string, readFile: number, writeFile: number }

/**
 * Pipes for what tasks write. Node itself makes socket pairs instead, over which `echo > /dev/stderr` fails with ENXIO.
 * The only pipes that it can open are named ones; they are made by `mkfifo`, many at a time, and used again and again,
 * since making one costs as much as half a spawn. (They would not do for input: whoever opens `/dev/stdin` after the
 * last writer has gone would wait for another for ever.)
 */
export class PipePool {
  readonly #directory: string
  readonly #free: string[] = []
  #made = 0
  #making: Promise<void> | undefined

  /** Empties the directory: nobody else has pipes there. */
  constructor (directory: string) {
    this.#directory = directory
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { mode: 0o700 })
  }

  /** Reading does not block, writing does. Rejects ENOSPC, EAGAIN. */
  async open (): Promise<Pipe> {
    const name = await this.#take()
    const readFile = this.#openEnd(name, O_RDONLY | O_NONBLOCK)
    try {
      return { name, readFile, writeFile: this.#openEnd(name, O_WRONLY) }
    } catch (error) {
      closeSync(readFile)
      throw error
    }
  }

  /** Takes back a pipe that has no open end any more. */
  putBack (name: string): void {
    this.#free.push(name)
  }

  /** Gives up a pipe that somebody may still hold an end of. */
  discard (name: string): void {
    rmSync(name, { force: true })
  }

  close (): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }

  async #take (): Promise<string> {
    for (;;) {
      const name = this.#free.pop()
      if (name !== undefined) return name
      await (this.#making ??= this.#make().finally(() => { this.#making = undefined }))
    }
  }

  async #make (): Promise<void> {
    const names = Array.from({ length: Math.max(MADE_MIN, this.#made) }, () => join(this.#directory, `${this.#made++}`))
    try {
      // Nobody else comes into the directory; but a task with a user of its own may open its output again by name.
      await promisify(execFile)('mkfifo', ['-m', '666', ...names])
    } catch (error) {
      throw asCloudError(error, 'No pipes could be made for the output of the task')
    }
    this.#free.push(...names)
  }

  #openEnd (name: string, flags: number): number {
    try {
      return openSync(name, flags)
    } catch (error) {
      this.discard(name)
      throw asCloudError(error, 'No pipe could be opened for the task')
    }
  }
}

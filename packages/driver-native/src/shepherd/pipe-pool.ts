import { execFile } from 'node:child_process'
import { closeSync, constants, mkdirSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { asCloudError } from '../faults.ts'

const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants

/** How many are made at once, at least; later as many as were made so far. */
const MADE_MIN = 16

/** Both ends of a pipe; `name` is what it is given back under. */
export interface Pipe { name: string, readFile: number, writeFile: number }

/**
 * Pipes between tasks and the shepherd. Node itself makes socket pairs instead, over which `echo > /dev/stderr` and
 * `cat /dev/stdin` fail with ENXIO. The only pipes that it can open are named ones; they are made by `mkfifo`, many at
 * a time, and used again and again, since making one costs as much as half a spawn.
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

  /** For what a task writes: reading does not block, writing does. Rejects ENOSPC, EAGAIN. */
  async openOutput (): Promise<Pipe> {
    const name = await this.#take()
    const readFile = this.#open(name, O_RDONLY | O_NONBLOCK)
    try {
      return { name, readFile, writeFile: this.#open(name, O_WRONLY) }
    } catch (error) {
      closeSync(readFile)
      throw error
    }
  }

  /** For what a task reads: writing does not block, reading does. Rejects ENOSPC, EAGAIN. */
  async openInput (): Promise<Pipe> {
    const name = await this.#take()
    const both = this.#open(name, O_RDWR | O_NONBLOCK) // opening one end alone would wait for the other
    try {
      const writeFile = this.#open(name, O_WRONLY | O_NONBLOCK)
      try {
        return { name, readFile: this.#open(name, O_RDONLY), writeFile }
      } catch (error) {
        closeSync(writeFile)
        throw error
      }
    } finally {
      closeSync(both)
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
      await promisify(execFile)('mkfifo', ['-m', '600', ...names])
    } catch (error) {
      throw asCloudError(error, 'No pipes could be made for the output of the task')
    }
    this.#free.push(...names)
  }

  #open (name: string, flags: number): number {
    try {
      return openSync(name, flags)
    } catch (error) {
      this.discard(name)
      throw asCloudError(error, 'No pipe could be opened for the task')
    }
  }
}

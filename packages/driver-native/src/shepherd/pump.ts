import { closeSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import { systemCode } from '@welkin/platform-node/faults'
import type { Pipe, PipePool } from './pipe-pool.ts'

/**
 * How long a program runs before its pipe is watched. Many end before; what they wrote is in the pipe, which is then
 * simply read, at a fifth of the cost of a socket's life.
 */
const WATCHED_AFTER_MS = 10

/**
 * A pipe that stays open after its task's end is held by somebody who left the task's process group. It is given up
 * when nothing has come for so long, or so much has come that it cannot have been in the pipe at the end.
 */
const QUIET_MS = 250
const LATE_BYTES_MAX = 1024 * 1024

/** As much as a pipe holds. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024)

/** Takes what came and never rejects; the next piece is read when it has resolved. */
export type Sink = (bytes: Uint8Array) => Promise<void>

/** Carries all that a program writes to one pipe into a sink; a slow sink makes the program wait. */
export class Pump {
  readonly #pipe: Pipe
  readonly #pool: PipePool
  readonly #sink: Sink
  readonly #start: NodeJS.Timeout
  #watched: WatchedPipe | undefined

  constructor (pipe: Pipe, pool: PipePool, sink: Sink) {
    this.#pipe = pipe
    this.#pool = pool
    this.#sink = sink
    this.#start = setTimeout(() => this.#watch(), WATCHED_AFTER_MS)
  }

  /** Resolves when nothing more will come and all has been sunk; called after the program's end. */
  async drain (): Promise<void> {
    clearTimeout(this.#start)
    if (this.#watched === undefined && await this.#readToEnd()) return
    await this.#watch().drain()
  }

  /** Resolves when all that is in the pipe now has been sunk. */
  async settle (): Promise<void> {
    await this.#watch().settle()
  }

  #watch (): WatchedPipe {
    this.#watched ??= new WatchedPipe(this.#pipe, this.#pool, this.#sink)
    return this.#watched
  }

  /** Whether the end was there: not, while somebody holds the other end. */
  async #readToEnd (): Promise<boolean> {
    for (;;) {
      const size = readNow(this.#pipe.readFile)
      if (size === undefined) return false
      if (size === 0) break
      await this.#sink(Buffer.from(readBuffer.subarray(0, size)))
    }
    closeSync(this.#pipe.readFile)
    this.#pool.putBack(this.#pipe.name)
    return true
  }
}

/** Bytes that are in the buffer now, 0 at the end, undefined where there is nothing yet. */
function readNow (file: number): number | undefined {
  try {
    return readSync(file, readBuffer)
  } catch (error) {
    if (systemCode(error) === 'EAGAIN') return undefined
    throw error
  }
}

class WatchedPipe {
  readonly #pipe: Pipe
  readonly #socket: Socket
  readonly #sink: Sink
  readonly #done: Promise<void>
  #settling: Promise<void> | undefined
  #sinking: Promise<void> | undefined
  #lateBytes = 0
  #quiet: NodeJS.Timeout | undefined

  constructor (pipe: Pipe, pool: PipePool, sink: Sink) {
    this.#pipe = pipe
    this.#socket = new Socket({ fd: pipe.readFile, readable: true, writable: false })
    this.#sink = sink
    this.#socket.on('data', (bytes: Buffer) => { this.#sinking = this.#pass(bytes) })
    this.#socket.on('error', () => {}) // 'close' follows, and there is nothing to be told beyond it
    let ended = false
    this.#socket.once('end', () => { ended = true })
    this.#done = new Promise(resolve => {
      this.#socket.once('close', () => {
        if (ended) pool.putBack(pipe.name)
        else pool.discard(pipe.name)
        resolve()
      })
    })
  }

  async drain (): Promise<void> {
    this.#quiet = setTimeout(() => {
      if (this.#sinking === undefined) this.#socket.destroy()
    }, QUIET_MS)
    await this.#done
    clearTimeout(this.#quiet)
    await this.#sinking
  }

  async settle (): Promise<void> {
    this.#settling ??= this.#sinkAllThereIs().finally(() => {
      this.#settling = undefined
      this.#socket.resume()
    })
    await this.#settling
  }

  /** In its order: what the socket has read already comes before what is still in the pipe. */
  async #sinkAllThereIs (): Promise<void> {
    this.#socket.pause()
    for (;;) {
      await this.#sinking
      if (this.#socket.destroyed) return
      if (this.#socket.read() !== null) continue // which was passed on by that
      const size = readNow(this.#pipe.readFile)
      if (size === undefined || size === 0) return
      await this.#sink(Buffer.from(readBuffer.subarray(0, size)))
    }
  }

  async #pass (bytes: Buffer): Promise<void> {
    this.#socket.pause()
    await this.#sink(bytes)
    this.#sinking = undefined
    if (this.#quiet !== undefined) {
      this.#quiet.refresh()
      this.#lateBytes += bytes.byteLength
    }
    if (this.#lateBytes > LATE_BYTES_MAX) this.#socket.destroy()
    else if (this.#settling === undefined) this.#socket.resume()
  }
}

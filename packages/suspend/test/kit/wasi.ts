import type { Value } from '../../src/index.ts'

const BADF = 8

class Exit extends Error {
  readonly status: number
  constructor (status: number) {
    super(`exit ${status}`)
    this.status = status
  }
}

/** As much of WASI as the programs of the tests need; what it has written, and where it reads, is outside of guests. */
export class Wasi {
  output = ''
  /** The order of calls. */
  readonly calls: string[] = []
  readonly #memory: () => WebAssembly.Memory
  readonly #args: readonly string[]
  #input: string

  constructor (
    memory: () => WebAssembly.Memory, { args = [], input = '' }: { args?: readonly string[], input?: string } = {}
  ) {
    this.#memory = memory
    this.#args = args
    this.#input = input
  }

  /** Runs a command; its status. */
  statusOf (run: () => unknown): number {
    try {
      run()
      return 0
    } catch (error) {
      if (error instanceof Exit) return error.status
      throw error
    }
  }

  imports (): Record<string, Record<string, unknown>> {
    const calls: Record<string, (...args: number[]) => number> = {
      args_sizes_get: (count, size) => {
        return this.#set(count as number, this.#args.length, size as number, this.#argBytes().length)
      },
      args_get: (pointers, at) => this.#giveArgs(pointers as number, at as number),
      fd_fdstat_get: (_, at) => {
        new Uint8Array(this.#memory().buffer).fill(0, at, (at as number) + 24)
        new DataView(this.#memory().buffer).setUint8(at as number, 2)
        return 0
      },
      fd_prestat_get: () => BADF,
      fd_read: (_, list, count, done) => this.#set(done as number, this.#read(list as number, count as number)),
      fd_write: (_, list, count, done) => this.#set(done as number, this.#write(list as number, count as number)),
      proc_exit: status => { throw new Exit(status as number) }
    }
    const known = Object.entries(calls).map(([name, call]) => [name, (...args: Value[]) => {
      this.calls.push(`${name} ${args.join()}`)
      return call(...args as number[])
    }])
    return { wasi_snapshot_preview1: { fd_close: () => 0, fd_seek: () => BADF, ...Object.fromEntries(known) } }
  }

  #argBytes (): Uint8Array {
    return new TextEncoder().encode(this.#args.map(arg => `${arg}\0`).join(''))
  }

  #giveArgs (pointers: number, start: number): number {
    let at = start
    for (const [nth, arg] of this.#args.entries()) {
      this.#set(pointers + 4 * nth, at)
      at += new TextEncoder().encode(arg).length + 1
    }
    new Uint8Array(this.#memory().buffer).set(this.#argBytes(), start)
    return 0
  }

  #read (list: number, count: number): number {
    let total = 0
    for (const { at, length } of this.#pieces(list, count)) {
      const bytes = new TextEncoder().encode(this.#input.slice(0, Math.min(length, 50)))
      new Uint8Array(this.#memory().buffer).set(bytes, at)
      this.#input = this.#input.slice(bytes.length)
      total += bytes.length
    }
    return total
  }

  #write (list: number, count: number): number {
    let total = 0
    for (const { at, length } of this.#pieces(list, count)) {
      this.output += new TextDecoder().decode(new Uint8Array(this.#memory().buffer, at, length))
      total += length
    }
    return total
  }

  #pieces (list: number, count: number): Array<{ at: number, length: number }> {
    const view = new DataView(this.#memory().buffer)
    return Array.from({ length: count }, (_, nth) => {
      return { at: view.getUint32(list + 8 * nth, true), length: view.getUint32(list + 8 * nth + 4, true) }
    })
  }

  /** Writes pairs of address and value. */
  #set (...pairs: number[]): number {
    const view = new DataView(this.#memory().buffer)
    for (let at = 0; at < pairs.length; at += 2) view.setUint32(pairs[at] as number, pairs[at + 1] as number, true)
    return 0
  }
}

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { ArgsOf, Syscalls } from '@welkin/abi'

const STEADY = fileURLToPath(new URL('../../../bench/migrate/steady.wasm', import.meta.url))
const MODULE = 'steady.wasm'
const DIGEST_MEGABYTES = 4

/** The program of the bench, as a blob of the cloud. */
export class Steady {
  readonly #blob: string

  static async put (syscalls: Syscalls): Promise<Steady> {
    const content = await readFile(STEADY)
    const { blob } = await syscalls.blob.put({}, { input: (async function * () { yield content })() })
    return new Steady(blob)
  }

  private constructor (blob: string) {
    this.#blob = blob
  }

  /** Starts one that tells the time, and follows it. */
  async tick (syscalls: Syscalls, on: string, megabytes: number) {
    const id = await this.#start(syscalls, on, ['tick', `${megabytes}`])
    const ticks = new Ticks()
    const ended = follow(syscalls, id, text => ticks.add(text))
    await ticks.after(Date.now())
    return { id, ticks, ended }
  }

  /** Starts one that computes lines; `text`: those that have come. */
  async digest (syscalls: Syscalls, on: string, lines: number) {
    const id = await this.#start(syscalls, on, ['digest', `${DIGEST_MEGABYTES}`, `${lines}`])
    let whole = ''
    let begun = (): void => {}
    const hasBegun = new Promise<void>(resolve => { begun = resolve })
    const ended = follow(syscalls, id, text => {
      whole += text
      begun()
    })
    await Promise.race([hasBegun, ended])
    return { id, ended, text: () => whole }
  }

  async #start (syscalls: Syscalls, on: string, args: string[]): Promise<string> {
    const spec: ArgsOf<'spawn'> = {
      program: { driver: 'wasm', argv: [MODULE, ...args] }, files: [{ path: MODULE, blob: this.#blob }], on
    }
    return (await syscalls.spawn(spec)).objects[0]?.id as string
  }
}

/** When a program wrote its lines, by its own account: the clock of the machine. */
class Ticks {
  readonly #timesMs: number[] = []
  #rest = ''
  #waiting: Array<{ forMs: number, resolve: () => void }> = []

  add (text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#timesMs.push(Number(line.split(' ')[1]))
    const lastMs = this.#timesMs.at(-1) ?? 0
    for (const { forMs, resolve } of this.#waiting) if (forMs < lastMs) resolve()
    this.#waiting = this.#waiting.filter(({ forMs }) => forMs >= lastMs)
  }

  /** Resolves when a line is here that was written after that. */
  async after (forMs: number): Promise<void> {
    await new Promise<void>(resolve => { this.#waiting.push({ forMs, resolve }) })
  }

  /** The longest time between two lines, of those that touch this time. */
  longestGapMs (fromMs: number, untilMs: number): number {
    return this.#timesMs.reduce((longest, timeMs, at) => {
      const beforeMs = this.#timesMs[at - 1]
      if (beforeMs === undefined || timeMs < fromMs || beforeMs > untilMs) return longest
      return Math.max(longest, timeMs - beforeMs)
    }, 0)
  }
}

/** What it writes, to its end, wherever it is. */
function follow (syscalls: Syscalls, id: string, take: (text: string) => void): Promise<void> {
  const followed = (async () => {
    const decoder = new TextDecoder()
    for await (const { stream, bytes } of syscalls.logs({ id, follow: true })) {
      if (stream === 'stdout') take(decoder.decode(bytes, { stream: true }))
    }
  })()
  followed.catch(() => {}) // where the bench fails before it waits for it
  return followed
}

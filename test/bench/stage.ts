import { fork, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mapConcurrently } from '@welkin/async'
import { WELKIND, type NodeFile } from '@welkin/daemon/real'
import { endShepherd } from '@welkin/driver-native'
import { CloudError, reviveError, SILENT } from '@welkin/interface'
import { createNodeClock } from '@welkin/platform-node/clock'
import { connect, type Connection } from '@welkin/syscalls/connect'
import { forkChild, type Child } from './child.ts'
import { runProgram } from './programs.ts'

const END_MS = 10_000
const LOOK_MS = 200
const PATIENCE_MS = 120_000
const REMOVE = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 } as const

/** So many daemons start at a time: each takes a core for a second. */
const START_WIDTH = 4

interface DaemonShape {
  name?: string
  /** Addresses of nodes through which to join. */
  join?: readonly string[]
  /** By which it becomes a member; left out: it makes a cloud. */
  ticket?: string
}

/** Where a bench takes place: it starts and makes things here, and `clear` ends and removes them all. */
export class Stage {
  readonly #processes: ChildProcess[] = []
  readonly #folders: string[] = []
  readonly #dataDirs: string[] = []
  readonly #runs = new Set<Promise<string>>()
  readonly #closing: Array<() => unknown> = []
  readonly #profiles: string | undefined
  #clearing: Promise<void> | undefined

  /** With `profiles`, a folder, each daemon and script leaves a CPU profile there. */
  constructor ({ profiles }: { profiles?: string | undefined } = {}) {
    this.#profiles = profiles
  }

  /** A stage of its own for a part of the bench, cleared when that is over. */
  async within<T> (part: (stage: Stage) => Promise<T>): Promise<T> {
    const stage = new Stage({ profiles: this.#profiles })
    this.onClear(() => stage.clear())
    try {
      return await part(stage)
    } finally {
      await stage.clear()
    }
  }

  /** An empty folder. */
  folder (): string {
    this.#requireOpen()
    const folder = mkdtempSync(join(tmpdir(), 'welkin-bench-'))
    this.#folders.push(folder)
    return folder
  }

  /** An empty folder for a daemon, whose tasks are ended with the stage. */
  dataDir (): string {
    const dataDir = this.folder()
    this.#dataDirs.push(dataDir)
    return dataDir
  }

  /** A script in a process of its own; `heapMB`: where it needs more memory than Node gives by itself. */
  fork (script: URL, { heapMB }: { heapMB?: number } = {}): Child {
    this.#requireOpen()
    const heapFlags = heapMB === undefined ? [] : [`--max-old-space-size=${heapMB}`, '--max-semi-space-size=64']
    const child = forkChild(script, [...this.#nodeFlags, ...heapFlags])
    this.#processes.push(child.process)
    return child
  }

  /** A program that ends by itself: see `runProgram`. What runs when the stage is cleared is waited for. */
  async run (command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
    this.#requireOpen()
    const run = runProgram(command, args, env)
    this.#runs.add(run)
    try {
      return await run
    } finally {
      this.#runs.delete(run)
    }
  }

  /** A program that runs until the stage is cleared. */
  program (command: string, args: readonly string[], options: Pick<SpawnOptions, 'env' | 'stdio'> = {}): ChildProcess {
    this.#requireOpen()
    const program = spawn(command, [...args], { stdio: 'ignore', ...options })
    this.#processes.push(program)
    return program
  }

  /** A real daemon over an empty data directory; resolves when it answers. */
  async daemon ({ name = 'n1', join: known = [], ticket }: DaemonShape = {}): Promise<NodeFile> {
    const dataDir = this.dataDir()
    const daemon = fork(WELKIND, [
      '--data', dataDir, '--name', name, '--http', 'off', '--log-level', 'error',
      ...known.flatMap(address => ['--join', address])
    ], {
      execArgv: [...this.#nodeFlags], stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...ticket === undefined ? {} : { WELKIN_TICKET: ticket } }
    })
    this.#processes.push(daemon)
    const [{ ready, failed }] = await Promise.race([once(daemon, 'message'), once(daemon, 'exit').then(() => [{}])]) as
      [{ ready?: NodeFile, failed?: unknown }]
    if (ready !== undefined) return ready
    throw failed === undefined ? new Error('A daemon ended before it was ready.') : reviveError(failed)
  }

  /** A cloud of so many daemons; resolves when all know all. */
  async cloud (count: number): Promise<NodeFile[]> {
    const first = await this.daemon()
    const names = Array.from({ length: count - 1 }, (_, index) => `n${index + 2}`)
    const { syscalls } = await this.connect(first)
    const { ticket } = await syscalls.invite({ uses: count, role: 'admin' })
    const others = await mapConcurrently(names, START_WIDTH, name => {
      return this.daemon({ name, join: first.addresses, ticket })
    })
    const all = [first, ...others]
    await Promise.all(all.map(({ socket }) => untilKnows(socket, count)))
    return all
  }

  /** System calls to a daemon over its socket. */
  async connect ({ socket }: NodeFile): Promise<Connection> {
    const connection = await connect({ socket })
    this.onClear(() => connection.close())
    return connection
  }

  /** Something to be closed before processes end. */
  onClear (close: () => unknown): void {
    this.#requireOpen()
    this.#closing.push(close)
  }

  /** Ends and removes everything; from then on nothing can be started. */
  async clear (): Promise<void> {
    this.#clearing ??= this.#clear()
    await this.#clearing
  }

  async #clear (): Promise<void> {
    await Promise.allSettled(this.#runs)
    const closed = await Promise.allSettled(this.#closing.map(async close => { await close() }))
    await Promise.all(this.#processes.map(end))
    const clock = createNodeClock()
    const natives = this.#dataDirs.map(dataDir => join(dataDir, 'native'))
    await Promise.all(natives.map(directory => endShepherd({ directory, clock, log: SILENT })))
    await Promise.all(this.#folders.map(folder => rm(folder, REMOVE)))
    for (const result of closed) if (result.status === 'rejected') throw result.reason
  }

  get #nodeFlags (): readonly string[] {
    return this.#profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${this.#profiles}`]
  }

  #requireOpen (): void {
    if (this.#clearing !== undefined) throw new CloudError('ECANCELED', 'The bench was ended.')
  }
}

async function end (child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS)
  await ended
  clearTimeout(timer)
}

async function untilKnows (socket: string, count: number): Promise<void> {
  const { syscalls, close } = await connect({ socket })
  try {
    await until(async () => (await syscalls.nodes({})).nodes.filter(({ state }) => state === 'up').length === count)
  } finally {
    close()
  }
}

/** Looks at `holds` until it does. Rejects ETIMEDOUT after two minutes. */
export async function until (holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS
  while (!await holds()) {
    if (performance.now() > deadlineMs) {
      throw new CloudError('ETIMEDOUT', 'What was to be measured did not come into being.')
    }
    await pass(LOOK_MS / 1000)
  }
}

export async function pass (seconds: number): Promise<void> {
  await new Promise(resolve => { setTimeout(resolve, seconds * 1000) })
}

import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CloudError, type ObjectId, type OutputStream, type TaskEnd, type TaskExit, type TaskUsage
} from '@welkin/interface'
import { systemCode } from '@welkin/platform-node/faults'
import { taskDirectory, workDirectory } from '../layout.ts'
import { readStat } from '../proc/processes.ts'
import { isSandboxed, type SegmentOptions, type SpawnOrder, type StartedTask } from '../protocol.ts'
import type { GroupEnd, TaskGroup } from '../cgroups/task-group.ts'
import { launch, type Launched, type LaunchOrder, type LaunchTools, type ProcessExit } from './launch.ts'
import type { Pipe } from './pipe-pool.ts'
import { Pump } from './pump.ts'
import { signalGroup } from './process-group.ts'
import { insideOf, killSandbox, signalProgram, signalSandbox } from './sandbox-processes.ts'
import { SegmentWriter } from './segment-writer.ts'
import { Standing } from './standing.ts'

/** What a task needs of the shepherd. */
export interface TaskSurroundings extends LaunchTools {
  directory: string
  bootId: string | undefined
  segments: SegmentOptions
  /** The cgroups that make the order's limits hold; undefined where nothing is limited, or cannot be. */
  openGroup (order: SpawnOrder): Promise<TaskGroup | undefined>
  /** Called after each piece of output that can be read. */
  grown (id: ObjectId): void
  log (event: string, fields: Record<string, unknown>): void
}

/** A timer takes no more than this. */
const GRACE_MS_MAX = 2 ** 31 - 1
const WRITE_RETRY_MS = 500

/** The status of a shell whose program was ended by SIGKILL. */
const SHELL_SAYS_KILLED = 137

/** A task from its start to its end, output included. */
export class RunningTask {
  readonly started: StartedTask
  /** Settles when all that the task wrote can be read, and nothing of it runs any more; never rejects. */
  readonly ended: Promise<TaskEnd>
  readonly #order: SpawnOrder
  readonly #surroundings: TaskSurroundings
  readonly #group: TaskGroup | undefined
  readonly #input: Writable | null
  readonly #pumps: Pump[] = []
  readonly #standing = new Standing(async signal => await this.#signalAll(signal))
  #over = false
  /** Whether its output was ever held up by the disk. */
  #blocked = false
  #grace: NodeJS.Timeout | undefined

  /** Rejects as `launch` does, with nothing left. */
  static async start (order: SpawnOrder, surroundings: TaskSurroundings): Promise<RunningTask> {
    const { argv, env, id, input, isolation, limits } = order
    const group = await surroundings.openGroup(order)
    try {
      const launched = await launch({
        argv, env, input, isolation, limits, joins: group?.joins ?? [],
        workDirectory: workDirectory(surroundings.directory, id)
      }, surroundings)
      return new RunningTask(order, surroundings, group, launched)
    } catch (error) {
      await group?.close()
      throw error
    }
  }

  private constructor (
    order: SpawnOrder, surroundings: TaskSurroundings, group: TaskGroup | undefined, launched: Launched
  ) {
    const { id, attempt, places } = order
    const { pid } = launched
    this.#order = order
    this.#surroundings = surroundings
    this.#group = group
    const startTicks = readStat(pid)?.startTicks
    this.started = { id, attempt, pid, startedAtMs: Date.now(), startTicks, bootId: surroundings.bootId, places }
    this.#input = launched.stdin
    this.#input?.on('error', () => {}) // whoever writes is told by the write's own callback
    this.ended = this.#run(launched)
  }

  /** What a further program beside it gets: the same, under the same limits; a sandbox like this one. */
  get surroundings (): Pick<LaunchOrder, 'env' | 'isolation' | 'joins' | 'limits'> {
    const { env, isolation, limits } = this.#order
    return { env, isolation, joins: this.#group?.joins ?? [], limits }
  }

  /** To the main process. Rejects ESRCH after its end. */
  async signal (name: string): Promise<void> {
    if (this.#over) throw taskEnded()
    const { pid } = this.started
    try {
      if (!this.#sandboxed) process.kill(pid, name)
      else if (!await signalProgram(pid, name as NodeJS.Signals, this.#isOver)) throw taskEnded()
    } catch (error) {
      throw systemCode(error) === 'ESRCH' ? taskEnded() : error
    }
  }

  /** SIGTERM to all its processes, SIGKILL after `graceMs`; the last call counts. After the end it does nothing. */
  stop (graceMs: number): void {
    if (this.#over) return
    if (this.#standing.isStill) return this.kill() // it must not run, not even to end
    void this.#signalAll('SIGTERM')
    void this.#signalAll('SIGCONT') // what is suspended hears nothing
    clearTimeout(this.#grace)
    this.#grace = setTimeout(() => this.kill(), Math.min(graceMs, GRACE_MS_MAX))
  }

  kill (): void {
    const { pid } = this.started
    if (this.#sandboxed) killSandbox(pid)
    else signalGroup(pid, 'SIGKILL')
  }

  /** Resolves when all that it has written by now can be read. */
  async settle (): Promise<void> {
    if (this.#over) return // its pipes are being read to their ends
    await Promise.all(this.#pumps.map(async pump => await pump.settle()))
  }

  /** It stands still until `release`, and what it has written can be read. */
  async hold (): Promise<void> {
    await this.#standing.hold()
    await this.settle()
  }

  async release (): Promise<void> {
    await this.#standing.release()
  }

  /** It stands still when this is not called again within `forMs`. */
  async leash (forMs: number): Promise<void> {
    await this.#standing.leash(forMs)
  }

  /** Resolves when there is room for more. Rejects EPIPE, and EINVAL where the task has no input. */
  async write (bytes: Uint8Array): Promise<void> {
    const input = this.#input
    if (input === null) {
      throw new CloudError('EINVAL', 'This task was started without input; start it with input to write to it.')
    }
    await new Promise<void>((resolve, reject) => {
      input.write(bytes, error => {
        if (error === null || error === undefined) resolve()
        else reject(new CloudError('EPIPE', 'The task reads no more.', { cause: error }))
      })
    })
  }

  endInput (): void {
    this.#input?.end()
  }

  /** What it uses now; a cgroup knows what went by between two looks at its processes. */
  async usage (): Promise<TaskUsage> {
    if (this.#sandboxed) await insideOf(this.started.pid, this.#isOver) // before, there is nothing of the task
    const [processes, group] = await Promise.all([
      this.#surroundings.meter.read(this.started.pid), this.#group?.usage()
    ])
    return { ...processes, ...group }
  }

  get #sandboxed (): boolean {
    return isSandboxed(this.#order.isolation)
  }

  readonly #isOver = (): boolean => this.#over

  async #signalAll (signal: NodeJS.Signals): Promise<void> {
    if (this.#over) return
    const { pid } = this.started
    if (this.#sandboxed) await signalSandbox(pid, signal, this.#isOver)
    else signalGroup(pid, signal)
  }

  async #run ({ exit, pid, stdout, stderr, usage }: Launched): Promise<TaskEnd> {
    const drainOut = this.#capture('stdout', stdout)
    const drainErr = this.#capture('stderr', stderr)
    const processExit = await exit
    const endedAtMs = Date.now()
    this.#over = true
    clearTimeout(this.#grace)
    this.#standing.end()
    this.#input?.destroy()
    signalGroup(pid, 'SIGKILL') // whatever it left behind
    const groupEnd = await this.#group?.close()
    await Promise.all([drainOut(), drainErr()])
    return { exit: this.#verdict(processExit, groupEnd), endedAtMs, usage: { ...await usage, ...groupEnd?.usage } }
  }

  /** Writes what comes through the pipe to the task's directory; the function returned resolves when all is written. */
  #capture (stream: OutputStream, pipe: Pipe): () => Promise<void> {
    const { directory, grown, pool, segments } = this.#surroundings
    const { id } = this.started
    const writer = new SegmentWriter(taskDirectory(directory, id), stream, segments)
    const pump = new Pump(pipe, pool, async bytes => {
      await writer.append(bytes, error => this.#retryWrite(error))
      grown(id)
    })
    this.#pumps.push(pump)
    return async () => {
      await pump.drain()
      await writer.close().catch(error => this.#surroundings.log('shepherd.output_not_closed', { id, error }))
    }
  }

  // The task waits until there is room again, and only what it has not written out when it ends is lost.
  async #retryWrite (error: unknown): Promise<boolean> {
    if (!this.#blocked) {
      this.#surroundings.log('shepherd.output_not_written', { id: this.started.id, code: systemCode(error) })
    }
    this.#blocked = true
    if (this.#over) return false
    await sleep(WRITE_RETRY_MS)
    return true
  }

  #verdict ({ code, signal }: ProcessExit, groupEnd: GroupEnd | undefined): TaskExit {
    const { memoryBytes } = this.#order.limits
    const killed = signal === 'SIGKILL' || code === SHELL_SAYS_KILLED
    if (killed && groupEnd?.outOfMemory === true && memoryBytes !== undefined) {
      return { kind: 'out-of-memory', limitBytes: memoryBytes }
    }
    return signal === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'signaled', signal }
  }
}

function taskEnded (): CloudError {
  return new CloudError('ESRCH', 'The task has ended.')
}

import { CloudError, type Handler, type ObjectId } from '@welkin/interface'
import type { UnixConnection } from '@welkin/link-unix'
import type { Call } from '@welkin/wire'
import { TaskGroup } from '../cgroups/task-group.ts'
import { workDirectory } from '../layout.ts'
import { readBootId } from '../proc/processes.ts'
import {
  decodeMessage, encodeMessage, isEnded, isSandboxed, type Answers, type Done, type Order, type SegmentOptions,
  type SpawnOrder, type StartedTask, type Stood
} from '../protocol.ts'
import { runFurther } from './further-program.ts'
import type { Journal } from './journal.ts'
import { NewsDesk } from './news-desk.ts'
import { endOrphan } from './orphans.ts'
import type { PipePool } from './pipe-pool.ts'
import { RunningTask, type TaskSurroundings } from './running-task.ts'
import { SCAFFOLD_PROCESSES } from './sandbox-processes.ts'
import { UsageMeter } from './usage/meter.ts'

export interface HerdOptions {
  directory: string
  journal: Journal
  pool: PipePool
  segments: SegmentOptions
  log: TaskSurroundings['log']
  /** Called whenever a task or a connection has ended. */
  changed (): void
  /** Called when all was ended by order. */
  dismissed (): void
}

/** All tasks of one data directory, and the answers to whoever orders something about them. */
export class Herd {
  readonly #options: HerdOptions
  readonly #surroundings: TaskSurroundings
  readonly #desk = new NewsDesk()
  readonly #tasks = new Map<ObjectId, RunningTask>()
  /** Spawns under way. */
  readonly #starting = new Map<ObjectId, Promise<StartedTask>>()
  /** Tasks that go on elsewhere: how they end here is no end. */
  readonly #leaving = new Set<ObjectId>()
  #dismissed = false

  constructor (options: HerdOptions) {
    const { directory, pool, segments, log } = options
    this.#options = options
    this.#surroundings = {
      directory,
      bootId: readBootId(),
      pool,
      meter: new UsageMeter(),
      segments,
      openGroup,
      grown: id => this.#desk.tellGrown(id),
      log
    }
  }

  /** Whether there is neither a task nor anybody who could order one. */
  get idle (): boolean {
    return this.#tasks.size === 0 && this.#starting.size === 0 && this.#desk.readers === 0
  }

  /** Ends what a predecessor that died has left, and records it as lost. */
  async settleOrphans (): Promise<void> {
    const { directory, journal } = this.#options
    const { bootId } = this.#surroundings
    for (const trace of journal.traces()) {
      if (isEnded(trace)) continue
      await endOrphan(trace, { bootId, workDirectory: workDirectory(directory, trace.id) })
      const reason = 'The shepherd that watched over the task died; what was left of the task was ended.'
      journal.put({ id: trace.id, attempt: trace.attempt, end: { exit: { kind: 'lost', reason }, usage: {} } })
    }
  }

  /** Takes orders from one connection, and sends it the news. */
  serve (connection: UnixConnection): Handler<Call> {
    void this.#desk.serve(connection).then(() => this.#options.changed())
    return {
      request: async (payload, call) => await this.#answer(payload, call),
      channel: async () => { throw new CloudError('ENOSYS', 'The shepherd takes requests only.') }
    }
  }

  /** Resolves when all tasks have ended; none is started any more. */
  async endAll (graceMs: number): Promise<void> {
    this.#dismissed = true
    await Promise.allSettled(this.#starting.values())
    await Promise.all(Array.from(this.#tasks.values(), async task => {
      task.stop(graceMs)
      await task.ended
    }))
  }

  async #answer (payload: Uint8Array, call: Call): Promise<Uint8Array> {
    const { head, tail } = decodeMessage<Order>(payload)
    switch (head.call) {
      case 'spawn': return encodeMessage(await this.#spawn(head) satisfies Answers['spawn'])
      case 'find': return encodeMessage(await this.#find(head.id) satisfies Answers['find'])
      case 'usage': {
        const usage = await this.#running(head.id, 'ESRCH').usage()
        return encodeMessage({ usage } satisfies Answers['usage'])
      }
      case 'exec': return await this.#exec(head.id, head.argv, call.signal)
      case 'endAll':
        await this.endAll(head.graceMs)
        setImmediate(this.#options.dismissed) // after this answer
        break
      case 'signal':
        await this.#running(head.id, 'ESRCH').signal(head.name)
        break
      case 'stop':
        this.#tasks.get(head.id)?.stop(head.graceMs)
        break
      case 'write':
        await this.#running(head.id, 'EPIPE').write(tail)
        break
      case 'endInput':
        this.#tasks.get(head.id)?.endInput()
        break
      case 'forget':
        this.#forget(head.id)
        break
      case 'settle':
        await this.#running(head.id, 'ESRCH').settle()
        return STOOD
      case 'hold':
        await this.#running(head.id, 'ESRCH').hold()
        return STOOD
      case 'release':
        await this.#running(head.id, 'ESRCH').release()
        return STOOD
      case 'leash':
        await this.#running(head.id, 'ESRCH').leash(head.forMs)
        return STOOD
      case 'leave':
        await this.#leave(this.#running(head.id, 'ESRCH'))
        return STOOD
    }
    return DONE
  }

  async #spawn (order: SpawnOrder): Promise<StartedTask> {
    const { id } = order
    if (this.#dismissed) throw new CloudError('EAGAIN', 'All tasks of this directory are being ended; try again later.')
    if (this.#tasks.has(id) || this.#starting.has(id)) throw isRunning(id)
    const starting = this.#start(order).finally(() => this.#starting.delete(id))
    this.#starting.set(id, starting)
    return await starting
  }

  async #start (order: SpawnOrder): Promise<StartedTask> {
    const task = await RunningTask.start(order, this.#surroundings)
    this.#tasks.set(order.id, task)
    const ended = this.#awaitEnd(task)
    try {
      this.#options.journal.put(task.started)
    } catch (error) {
      task.stop(0)
      await ended
      throw error
    }
    return task.started
  }

  async #awaitEnd (task: RunningTask): Promise<void> {
    const { id, attempt } = task.started
    const ended = { id, attempt, end: await task.ended }
    this.#tasks.delete(id)
    const hasLeft = this.#leaving.delete(id)
    try {
      if (hasLeft) this.#options.journal.forget(id)
      else this.#options.journal.put(ended)
    } catch (error) {
      this.#options.log('shepherd.end_not_recorded', { id, error }) // it is, as soon as there is room
    }
    if (!hasLeft) this.#desk.tellEnded(ended)
    this.#options.changed()
  }

  // A spawn that the daemon's former life ordered may be under way.
  async #find (id: ObjectId): Promise<Answers['find']> {
    await this.#starting.get(id)?.catch(() => {})
    return { trace: this.#options.journal.get(id) }
  }

  async #exec (id: ObjectId, argv: readonly string[], signal: AbortSignal): Promise<Uint8Array> {
    const task = this.#running(id, 'ESRCH')
    const { directory } = this.#options
    const over = new AbortController()
    void task.ended.then(() => over.abort(taskEnded('ESRCH')))
    const { exit, stderr, stdout } = await runFurther({
      ...task.surroundings, argv, input: false, workDirectory: workDirectory(directory, id)
    }, this.#surroundings, AbortSignal.any([signal, over.signal]))
    return encodeMessage({ exit, stdoutBytes: stdout.byteLength } satisfies Answers['exec'], stdout, stderr)
  }

  async #leave (task: RunningTask): Promise<void> {
    this.#leaving.add(task.started.id)
    task.kill()
    await task.ended
  }

  #forget (id: ObjectId): void {
    if (this.#tasks.has(id) || this.#starting.has(id)) throw isRunning(id)
    this.#options.journal.forget(id)
  }

  #running (id: ObjectId, code: 'ESRCH' | 'EPIPE'): RunningTask {
    const task = this.#tasks.get(id)
    if (task === undefined) throw taskEnded(code)
    return task
  }
}

const DONE = encodeMessage({} satisfies Done)
const STOOD = encodeMessage({ stood: true } satisfies Stood)

async function openGroup ({ id, isolation, limits, places }: SpawnOrder): Promise<TaskGroup | undefined> {
  if (Object.keys(places).length === 0) return undefined
  const group = new TaskGroup(places, id, isSandboxed(isolation) ? SCAFFOLD_PROCESSES : 0)
  await group.open(limits)
  return group
}

function isRunning (id: ObjectId): CloudError {
  return new CloudError('EBUSY', `The task of object ${id} is running; end it first.`, { fields: { object: id } })
}

function taskEnded (code: 'ESRCH' | 'EPIPE'): CloudError {
  return new CloudError(code, 'The task has ended.')
}

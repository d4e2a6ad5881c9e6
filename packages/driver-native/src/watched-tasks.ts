import { CloudError, isCloudError, type Logger, type ObjectId, type TaskEnd } from '@welkin/interface'
import type { CooperationPorts } from './cooperation.ts'
import { NativeTask } from './native-task.ts'
import { isEnded, type News, type ShepherdOptions, type SpawnOrder, type StartedTask, type Trace } from './protocol.ts'
import { ShepherdClient } from './shepherd-client.ts'

export interface WatchedTasksOptions extends CooperationPorts {
  shepherd: ShepherdOptions
  log: Logger
  /** Called when an object has written more, and when it has ended. */
  onChange (id: ObjectId): void
}

/** The running tasks that this life of the daemon knows of, and how each of them comes to an end. */
export class WatchedTasks {
  readonly #options: WatchedTasksOptions
  readonly #shepherd: ShepherdClient
  readonly #watched = new Map<ObjectId, Watched>()
  readonly #finding = new Map<ObjectId, Promise<NativeTask | TaskEnd | undefined>>()
  #closed = false

  constructor (options: WatchedTasksOptions) {
    this.#options = options
    this.#shepherd = new ShepherdClient({
      ...options,
      onNews: news => this.#hear(news),
      onLost: () => { for (const watched of this.#watched.values()) void this.#afterLoss(watched) }
    })
  }

  /** Rejects as `launch` does, EBUSY for what runs, and EAGAIN when the shepherd died over it; then nothing is left. */
  async spawn (order: SpawnOrder): Promise<NativeTask> {
    const { attempt, id } = order
    const watched = this.#watch(id)
    watched.attempt = attempt
    try {
      const { answer } = await this.#shepherd.ask(order)
      return this.#begin(watched, answer)
    } catch (error) {
      if (!isCloudError(error, 'ECONNRESET') || this.#closed) {
        this.#watched.delete(id)
        throw error
      }
      const trace = await this.#trace(id).finally(() => this.#watched.delete(id))
      if (trace !== undefined && trace.attempt === attempt && !isEnded(trace)) return this.#resume(trace)
      const message = 'The shepherd died while it started the task, of which nothing is left; try again.'
      throw new CloudError('EAGAIN', message, { cause: error })
    }
  }

  /** The task that runs, or how the last one of the object ended; undefined where none since `attempt` is known. */
  async find (id: ObjectId, attempt: number): Promise<NativeTask | TaskEnd | undefined> {
    const task = this.#watched.get(id)?.task
    if (task !== undefined) return task
    const finding = this.#finding.get(id) ?? this.#find(id, attempt).finally(() => this.#finding.delete(id))
    this.#finding.set(id, finding)
    return await finding
  }

  /** Rejects EBUSY for a task that runs. */
  async forget (id: ObjectId): Promise<void> {
    if (this.#watched.has(id)) throw taskRuns(id)
    if (await this.#shepherd.hasHistory()) await this.#shepherd.ask({ call: 'forget', id })
  }

  /** Lets go of all tasks: they run on, and none is heard of any more. */
  async close (): Promise<void> {
    this.#closed = true
    for (const { task } of this.#watched.values()) task?.abandon()
    this.#watched.clear()
    await this.#shepherd.close()
  }

  // Watched before it is asked for, so that an end between the answer and its arrival is not missed.
  #watch (id: ObjectId): Watched {
    if (this.#watched.has(id)) throw taskRuns(id)
    const watched = new Watched(id)
    this.#watched.set(id, watched)
    return watched
  }

  async #find (id: ObjectId, attempt: number): Promise<NativeTask | TaskEnd | undefined> {
    if (!await this.#shepherd.hasHistory()) return undefined
    const watched = this.#watch(id)
    let trace: Trace | undefined
    try {
      trace = await this.#trace(id)
    } finally {
      if (trace === undefined || isEnded(trace)) this.#watched.delete(id)
    }
    if (trace === undefined) return undefined
    if (isEnded(trace)) return trace.attempt < attempt ? undefined : trace.end
    watched.attempt = trace.attempt
    return this.#begin(watched, trace)
  }

  #begin (watched: Watched, started: StartedTask): NativeTask {
    const { answerMs, clock, directory, upcalls } = this.#options
    watched.task = new NativeTask(started, watched.ended, {
      answerMs, clock, directory, upcalls, shepherd: this.#shepherd, left: () => this.#unwatch(watched)
    })
    return watched.task
  }

  #unwatch (watched: Watched): void {
    if (this.#watched.get(watched.id) === watched) this.#watched.delete(watched.id)
  }

  #resume (started: StartedTask): NativeTask {
    const watched = this.#watch(started.id)
    watched.attempt = started.attempt
    return this.#begin(watched, started)
  }

  // Asked again of the next shepherd where this one dies over it. By then that one has ended what was left.
  async #trace (id: ObjectId): Promise<Trace | undefined> {
    try {
      return (await this.#shepherd.ask({ call: 'find', id })).answer.trace
    } catch (error) {
      if (!isCloudError(error, 'ECONNRESET')) throw error
      return (await this.#shepherd.ask({ call: 'find', id })).answer.trace
    }
  }

  #hear (news: News): void {
    if ('grown' in news) {
      for (const id of news.grown) this.#options.onChange(id)
      return
    }
    for (const { attempt, end, id } of news.ended) {
      const watched = this.#watched.get(id)
      if (watched !== undefined && (watched.attempt ?? attempt) === attempt) this.#settle(watched, end)
    }
  }

  #settle (watched: Watched, end: TaskEnd): void {
    this.#unwatch(watched)
    watched.settle(end)
    this.#options.onChange(watched.id)
  }

  // Whoever waits for an answer from the shepherd learns by that; here it is about those who wait for an end.
  async #afterLoss (watched: Watched): Promise<void> {
    const { id, task } = watched
    if (task === undefined) return
    try {
      const trace = await this.#trace(id)
      if (trace !== undefined && !isEnded(trace)) return // the connection broke, and no more
      this.#settle(watched, trace?.end ?? lostEnd('The shepherd died, and the next one knows nothing of the task.'))
    } catch (error) {
      if (this.#closed) return
      if (!(error instanceof CloudError)) throw error
      this.#options.log.error('driver_native.shepherd_lost', { id, code: error.code, reason: error.message })
      this.#settle(watched, lostEnd(`The shepherd died, and no other could be asked: ${error.message}`))
    }
  }
}

/** One task whose end is waited for. */
class Watched {
  readonly id: ObjectId
  readonly ended: Promise<TaskEnd>
  /** Undefined until it is known. */
  attempt: number | undefined
  task: NativeTask | undefined
  settle!: (end: TaskEnd) => void

  constructor (id: ObjectId) {
    this.id = id
    this.ended = new Promise(resolve => { this.settle = resolve })
  }
}

function lostEnd (reason: string): TaskEnd {
  return { exit: { kind: 'lost', reason }, usage: {} }
}

function taskRuns (id: ObjectId): CloudError {
  return new CloudError('EBUSY', `The task of object ${id} is running; end it first.`, { fields: { object: id } })
}

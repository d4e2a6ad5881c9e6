import type { Syscalls } from '@welkin/abi'
import { KeptOutput } from '@welkin/async'
import {
  CloudError, type Cancel, type Clock, type Driver, type DriverAbilities, type DriverFacts, type Logger,
  type ObjectId, type Task, type TaskEnd, type TaskExit, type TaskOutput, type TaskSpec, type TaskUsage
} from '@welkin/interface'
import type { BuiltinModule } from './module.ts'

const encoder = new TextEncoder()

export interface BuiltinDriverOptions {
  clock: Clock
  log: Logger
  /** What can be run, by name. */
  modules: Readonly<Record<string, BuiltinModule>>
  /** System calls in an object's own name. */
  syscallsFor: (object: ObjectId) => Syscalls
}

/**
 * Modules end with the daemon, and leave no trace: the next life finds all of them `lost`, also those whose turn had
 * not come, and restarts them where their spec says so.
 */
export function createBuiltinDriver (options: BuiltinDriverOptions): Driver {
  return new BuiltinDriver(options)
}

class BuiltinDriver implements Driver {
  readonly name = 'builtin'
  readonly abilities: DriverAbilities = {
    signals: false,
    input: false,
    exec: false,
    limits: { cpu: 'none', memory: 'none' },
    checkpoint: 'none',
    survivesDaemon: false,
    isolation: 'none'
  }

  readonly #options: BuiltinDriverOptions
  readonly #tasks = new Map<ObjectId, BuiltinTask>()
  readonly #outputs = new Map<ObjectId, KeptOutput>()

  constructor (options: BuiltinDriverOptions) {
    this.#options = options
  }

  async facts (): Promise<DriverFacts> {
    return { health: 'healthy', attributes: { modules: Object.keys(this.#options.modules).toSorted().join(' ') } }
  }

  async start (): Promise<void> {}

  async stop (): Promise<void> {
    for (const task of this.#tasks.values()) task.abandon()
    this.#tasks.clear()
  }

  async run ({ id, argv: [name = '', ...args], env }: TaskSpec): Promise<Task> {
    const { clock, log, modules, syscallsFor } = this.#options
    const module = Object.hasOwn(modules, name) ? modules[name] : undefined
    if (module === undefined) {
      const names = Object.keys(modules).join(', ') || 'none'
      throw new CloudError(
        'ENOENT', `There is no built-in module "${name}"; there are: ${names}.`, { fields: { module: name } }
      )
    }
    const output = this.#output(id)
    const task = new BuiltinTask(id, { clock, log })
    this.#tasks.set(id, task)
    task.run(module, {
      syscalls: syscallsFor(id),
      args,
      env,
      stdout: text => { output.write('stdout', bytesOf(text)) },
      stderr: text => { output.write('stderr', bytesOf(text)) }
    })
    return task
  }

  async recover (id: ObjectId): Promise<Task | TaskEnd | undefined> {
    const reason = 'Built-in modules end with the daemon, and leave no trace of whether they had begun.'
    const lost: TaskExit = { kind: 'lost', reason }
    return this.#tasks.get(id) ?? { exit: lost, usage: {} }
  }

  output (id: ObjectId): TaskOutput {
    return this.#output(id)
  }

  // eslint-disable-next-line require-yield
  async * collect (): AsyncGenerator<Uint8Array> {
    throw new CloudError('ENOENT', 'A built-in module has no files; it can put blobs by system call.')
  }

  async remove (id: ObjectId): Promise<void> {
    this.#tasks.delete(id)
    this.#outputs.delete(id)
  }

  #output (id: ObjectId): KeptOutput {
    const known = this.#outputs.get(id) ?? new KeptOutput()
    this.#outputs.set(id, known)
    return known
  }
}

class BuiltinTask implements Task {
  readonly id: ObjectId
  readonly pid = undefined
  readonly startedAtMs: number
  readonly ended: Promise<TaskEnd>
  readonly #clock: Clock
  readonly #log: Logger
  readonly #end = new AbortController()
  #settle: (end: TaskEnd) => void = () => {}
  #cancelGrace: Cancel | undefined
  #hasEnded = false

  constructor (id: ObjectId, { clock, log }: { clock: Clock, log: Logger }) {
    this.id = id
    this.#clock = clock
    this.#log = log
    this.startedAtMs = clock.wallMs()
    this.ended = new Promise(resolve => { this.#settle = resolve })
  }

  run (module: BuiltinModule, context: Omit<Parameters<BuiltinModule>[0], 'signal'>): void {
    const { signal } = this.#end
    void (async () => {
      try {
        const code = await module({ ...context, signal }) ?? 0
        this.#finish(signal.aborted ? { kind: 'signaled', signal: 'SIGTERM' } : { kind: 'exited', code })
      } catch (error) {
        context.stderr(`${error instanceof Error ? error.message : String(error)}\n`)
        this.#finish(signal.aborted ? { kind: 'signaled', signal: 'SIGTERM' } : { kind: 'exited', code: 1 })
      }
    })()
  }

  async signal (name: string): Promise<void> {
    if (this.#hasEnded) throw new CloudError('ESRCH', 'The module has ended.', { fields: { object: this.id } })
    throw new CloudError('ENOSYS', `A built-in module takes no ${name}; it can register a handler.`, {
      fields: { object: this.id, signal: name }
    })
  }

  async stop (graceMs: number): Promise<void> {
    this.#end.abort(new CloudError('ECANCELED', 'The object is to end.'))
    this.#cancelGrace?.()
    this.#cancelGrace = this.#clock.after(graceMs, () => {
      this.#log.warn('builtin.module_let_go', { object: this.id })
      this.#finish({ kind: 'signaled', signal: 'SIGKILL' })
    })
  }

  async write (): Promise<void> {
    throw new CloudError('EPIPE', 'A built-in module reads no standard input.')
  }

  async endInput (): Promise<void> {}

  /** Modules share the daemon's process, in which nobody can tell them apart. */
  async usage (): Promise<TaskUsage> {
    return {}
  }

  /** The daemon stops: the module is told, and nobody waits for it. */
  abandon (): void {
    this.#cancelGrace?.()
    this.#end.abort(new CloudError('ECANCELED', 'The daemon stops.'))
  }

  #finish (exit: TaskExit): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#cancelGrace?.()
    this.#settle({ exit, endedAtMs: this.#clock.wallMs(), usage: {} })
  }
}

function bytesOf (text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? encoder.encode(text) : text
}

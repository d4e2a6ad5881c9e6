import type { Syscalls } from '@welkin/abi'
import { KeptOutput } from '@welkin/async'
import {
  CloudError, type BlobId, type Clock, type Driver, type DriverAbilities, type DriverFacts, type ErrorCode, type Keys,
  type Link, type Logger, type ObjectId, type OutputPosition, type RestoredTask, type Task, type TaskEnd,
  type TaskExit, type TaskOutput, type TaskSpec, type TaskState
} from '@welkin/interface'
import { BuiltinTask } from './builtin-task.ts'
import { readState } from './module-state.ts'
import type { BuiltinModule } from './module.ts'

export interface BuiltinDriverOptions {
  clock: Clock
  log: Logger
  keys: Pick<Keys, 'digest'>
  /** What can be run, by name. */
  modules: Readonly<Record<string, BuiltinModule>>
  /** The way of system calls in an object's own name. */
  linkFor: (object: ObjectId) => Link
  syscallsOver: (link: Link) => Syscalls
  /** 32 hexadecimal digits, never the same again. */
  drawRequestId: () => string
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
    checkpoint: 'live',
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

  async run (spec: TaskSpec): Promise<Task> {
    return this.#begin(spec, this.#module(spec, 'ENOENT'))
  }

  async restore (
    spec: TaskSpec, state: TaskState & { output: OutputPosition }, read: (page: BlobId) => Promise<Uint8Array>
  ): Promise<RestoredTask> {
    const module = this.#module(spec, 'ENOSYS')
    const bytes = await readState(spec.argv, state, read)
    return {
      start: async () => {
        this.#output(spec.id).moveTo(state.output)
        return this.#begin(spec, module, bytes)
      },
      discard: async () => {}
    }
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

  #module ({ argv: [name = ''] }: TaskSpec, code: ErrorCode): BuiltinModule {
    const { modules } = this.#options
    const module = Object.hasOwn(modules, name) ? modules[name] : undefined
    if (module !== undefined) return module
    const names = Object.keys(modules).join(', ') || 'none'
    throw new CloudError(
      code, `There is no built-in module "${name}"; there are: ${names}.`, { fields: { module: name } })
  }

  #begin ({ id, argv, env }: TaskSpec, module: BuiltinModule, state?: Uint8Array): Task {
    const { clock, drawRequestId, keys, linkFor, log, syscallsOver } = this.#options
    const output = this.#output(id)
    const context = {
      clock, args: argv.slice(1), env, link: linkFor(id), drawRequestId, syscallsOver,
      write: output.write.bind(output)
    }
    const onLeave = (): void => { this.#tasks.delete(id) }
    const task = new BuiltinTask({ id, argv }, { clock, log, keys, output, module, context, onLeave }, state)
    this.#tasks.set(id, task)
    return task
  }

  #output (id: ObjectId): KeptOutput {
    const known = this.#outputs.get(id) ?? new KeptOutput()
    this.#outputs.set(id, known)
    return known
  }
}

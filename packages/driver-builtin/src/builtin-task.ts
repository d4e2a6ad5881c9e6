import type { KeptOutput } from '@welkin/async'
import {
  CloudError, type Cancel, type Clock, type Keys, type Logger, type ObjectId, type Task, type TaskCapture,
  type TaskEnd, type TaskExit, type TaskSpec, type TaskUsage
} from '@welkin/interface'
import { ModuleLife, type LifeContext } from './module-life.ts'
import { ModuleState } from './module-state.ts'
import type { BuiltinModule } from './module.ts'

export interface TaskPorts {
  clock: Clock
  log: Logger
  keys: Pick<Keys, 'digest'>
  output: KeptOutput
  module: BuiltinModule
  context: Omit<LifeContext, 'state'>
  onLeave: () => void
}

/** A module that runs: one life of it after the other, where it stood still in between. */
export class BuiltinTask implements Task {
  readonly id: ObjectId
  readonly pid = undefined
  readonly startedAtMs: number
  readonly ended: Promise<TaskEnd>
  readonly #argv: readonly string[]
  readonly #ports: TaskPorts
  #settle: (end: TaskEnd) => void = () => {}
  #cancelGrace: Cancel = () => {}
  #life: ModuleLife
  /** What it stands still with. */
  #still: Uint8Array | undefined
  #latest: ModuleState | undefined
  #hasEnded = false

  /** Begins at once; from a state, where there is one. */
  constructor ({ id, argv }: Pick<TaskSpec, 'id' | 'argv'>, ports: TaskPorts, state?: Uint8Array) {
    this.id = id
    this.#argv = argv
    this.#ports = ports
    this.startedAtMs = ports.clock.wallMs()
    this.ended = new Promise(resolve => { this.#settle = resolve })
    this.#life = this.#begin(state)
  }

  get immovable (): string | undefined {
    return this.#life.hasState ? undefined : `built-in module "${this.#argv[0]}" declares no state`
  }

  async signal (name: string): Promise<void> {
    this.#checkRuns()
    throw new CloudError('ENOSYS', `A built-in module takes no ${name}; it can register a handler.`, {
      fields: { object: this.id, signal: name }
    })
  }

  async stop (graceMs: number): Promise<void> {
    if (this.#still !== undefined) return this.#finish({ kind: 'signaled', signal: 'SIGTERM' })
    this.#life.tellToEnd(new CloudError('ECANCELED', 'The object is to end.'))
    this.#cancelGrace()
    this.#cancelGrace = this.#ports.clock.after(graceMs, () => {
      this.#ports.log.warn('builtin.module_let_go', { object: this.id })
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

  async capture ({ stop }: { stop: boolean }): Promise<TaskCapture> {
    // A step of a module ends with the promises that are settled by then.
    return await new Promise((resolve, reject) => {
      this.#ports.clock.after(0, () => {
        try {
          resolve(this.#take(stop))
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  async resume (): Promise<void> {
    if (this.#still === undefined) return
    const state = this.#still
    this.#still = undefined
    this.#life = this.#begin(state)
  }

  async leave (): Promise<void> {
    this.#hasEnded = true
    this.#life.cut(new CloudError('ECONNRESET', 'The object goes on elsewhere; ask again there.'))
    this.#ports.onLeave()
  }

  /** The daemon stops: the module is told, and nobody waits for it. */
  abandon (): void {
    this.#cancelGrace()
    this.#life.tellToEnd(new CloudError('ECANCELED', 'The daemon stops.'))
  }

  #begin (state: Uint8Array | undefined): ModuleLife {
    const { context, module } = this.#ports
    const life = new ModuleLife(module, { ...context, state })
    void life.over.then(code => {
      if (code === undefined) return
      this.#finish(life.isToldToEnd ? { kind: 'signaled', signal: 'SIGTERM' } : { kind: 'exited', code })
    })
    return life
  }

  #take (stop: boolean): TaskCapture {
    this.#checkRuns()
    const { immovable } = this
    if (immovable !== undefined) throw new CloudError('ENOSYS', immovable)
    const bytes = this.#still ?? this.#life.take().slice()
    if (stop && this.#still === undefined) {
      this.#still = bytes
      this.#life.cut(new CloudError('ECONNRESET', 'The object stands still, to move; ask again where it goes on.'))
    }
    this.#latest?.release()
    this.#latest = new ModuleState(this.#argv, bytes, this.#ports.output.end, this.#ports.keys)
    return this.#latest
  }

  #checkRuns (): void {
    if (this.#hasEnded) throw new CloudError('ESRCH', 'The module has ended.', { fields: { object: this.id } })
  }

  #finish (exit: TaskExit): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#cancelGrace()
    this.#latest?.release()
    this.#settle({ exit, endedAtMs: this.#ports.clock.wallMs(), usage: {} })
  }
}

import {
  CloudError, type Cancel, type ObjectId, type TaskEnd, type TaskExit, type TaskSpec, type TaskUsage
} from '@welkin/interface'
import type { Quartz } from '../clock.ts'
import type { Timeline } from '../timeline.ts'
import { ActiveTime } from './active-time.ts'
import { ModelledMemory } from './memory.ts'
import type { Program, Surroundings } from './program.ts'

const OUTPUT_PIECES = 10

const ENDING_SIGNALS = new Set([
  'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGABRT', 'SIGKILL', 'SIGUSR1', 'SIGUSR2', 'SIGPIPE', 'SIGALRM', 'SIGTERM'
])
const IGNORED_SIGNALS = new Set(['SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGWINCH'])

/** How far a process is, beside its memory. */
export interface Progress {
  /** The object whose memory it has: another one's, where it was restored under a new id. */
  of: ObjectId
  ranMs: number
  inputOpen: boolean
  /** Pieces of its output that it has written. */
  pieces: number
  /** What it has counted to. */
  counted: number
}

/** A program that runs on a virtual machine, whether or not a daemon looks after it. */
export class ModelledProcess {
  readonly pid: number
  readonly attempt: number
  readonly startedAtMs: number
  readonly ended: Promise<TaskEnd>
  readonly memoryBytes: number
  /** CPUs that it gets. */
  readonly cpu: number
  readonly #timeline: Timeline
  readonly #quartz: Quartz
  readonly #program: Program
  readonly #print: Surroundings['print']
  readonly #of: ObjectId
  readonly #active: ActiveTime
  #pieces: number
  #counted: number
  readonly #cancels: Cancel[] = []
  #inputOpen: boolean
  #end: TaskEnd | undefined
  #resolve: (end: TaskEnd) => void = () => {}

  constructor (
    world: { timeline: Timeline, quartz: Quartz }, pid: number,
    program: Program, { id, attempt, limits, input }: TaskSpec, surroundings: Surroundings, progress?: Progress
  ) {
    this.pid = pid
    this.attempt = attempt
    this.startedAtMs = world.quartz.wallMs()
    this.ended = new Promise(resolve => { this.#resolve = resolve })
    this.cpu = Math.min(program.cpu, limits.cpu ?? program.cpu)
    this.memoryBytes = program.memoryBytes
    this.#timeline = world.timeline
    this.#quartz = world.quartz
    this.#program = program
    this.#print = surroundings.print
    this.#of = progress?.of ?? id
    this.#active = new ActiveTime(world.timeline, progress?.ranMs ?? 0)
    this.#inputOpen = progress?.inputOpen ?? (input && program.copiesInput)
    this.#pieces = progress?.pieces ?? 0
    this.#counted = progress?.counted ?? 0
    if (limits.memoryBytes !== undefined && program.memoryBytes > limits.memoryBytes) {
      this.#soon(0, { kind: 'out-of-memory', limitBytes: limits.memoryBytes })
      return
    }
    const code = progress === undefined ? program.begin(surroundings) ?? program.exitCode : program.exitCode
    if (!this.#inputOpen) this.#work({ kind: 'exited', code })
  }

  get end (): TaskEnd | undefined {
    return this.#end
  }

  get stands (): boolean {
    return this.#active.stands
  }

  get progress (): Progress {
    return {
      of: this.#of, ranMs: this.#active.nowMs, inputOpen: this.#inputOpen, pieces: this.#pieces, counted: this.#counted
    }
  }

  /** Its memory as it is now. */
  memory (): ModelledMemory {
    return new ModelledMemory(this.#of, this.#program, this.#active.nowMs)
  }

  /** Stands still until `goOn`. */
  stand (): void {
    if (this.#end === undefined) this.#active.stop()
  }

  goOn (): void {
    if (this.#end === undefined) this.#active.goOn()
  }

  /** It is here no more, and has not ended. */
  vanish (): void {
    this.#active.end()
    for (const cancel of this.#cancels) cancel()
  }

  signal (name: string): void {
    if (!ENDING_SIGNALS.has(name) && !IGNORED_SIGNALS.has(name)) {
      const known = [...ENDING_SIGNALS].join(', ')
      throw new CloudError('EINVAL', `Modelled tasks know no signal ${name}; send one of ${known}.`)
    }
    if (this.#end !== undefined) throw new CloudError('ESRCH', 'The task has ended.')
    if (IGNORED_SIGNALS.has(name) || (name === 'SIGTERM' && this.#program.ignoresTerm)) return
    this.finish({ kind: 'signaled', signal: name })
  }

  stop (graceMs: number): void {
    if (this.#end !== undefined) return
    if (graceMs > 0) this.signal('SIGTERM')
    this.#soon(graceMs, { kind: 'signaled', signal: 'SIGKILL' })
  }

  write (bytes: Uint8Array): void {
    if (!this.#inputOpen) throw new CloudError('EPIPE', 'The task reads no more.')
    this.#print('stdout', bytes.slice())
  }

  endInput (): void {
    if (!this.#inputOpen) return
    this.#inputOpen = false
    this.#work({ kind: 'exited', code: this.#program.exitCode }, this.#active.nowMs)
  }

  usage (): TaskUsage {
    return this.#end === undefined ? this.#measure() : this.#end.usage
  }

  /** Ends it now; a second call does nothing. */
  finish (exit: TaskExit): void {
    if (this.#end !== undefined) return
    for (const cancel of this.#cancels) cancel()
    const { cpuSeconds, memoryBytesMax } = this.#measure()
    this.#active.end()
    this.#inputOpen = false
    this.#end = exit.kind === 'lost'
      ? { exit, usage: {} }
      : { exit, endedAtMs: this.#quartz.wallMs(), usage: { cpuSeconds, memoryBytesMax } }
    this.#resolve(this.#end)
  }

  #measure () {
    const elapsedSeconds = this.#active.nowMs / 1000
    const { memoryBytes } = this
    return { cpuSeconds: this.cpu * elapsedSeconds, memoryBytes, memoryBytesMax: memoryBytes, processes: 1 }
  }

  /** What less CPU than it wants does to a task is to make it take longer. */
  #work (exit: TaskExit, beganMs = 0): void {
    const { seconds, cpu, outputBytes } = this.#program
    const durationMs = seconds * 1000 * (cpu > this.cpu ? cpu / this.cpu : 1)
    const pieces = outputBytes > 0 ? OUTPUT_PIECES : 0
    for (let i = this.#pieces + 1; i <= pieces; i++) {
      const size = Math.floor(outputBytes * i / pieces) - Math.floor(outputBytes * (i - 1) / pieces)
      this.#active.at(beganMs + durationMs * i / pieces, () => {
        this.#pieces = i
        this.#print('stdout', new Uint8Array(size).fill(0x2e))
      })
    }
    if (this.#program.countMs > 0) this.#count()
    this.#active.at(beganMs + durationMs, () => this.finish(exit))
  }

  #count (): void {
    this.#active.at((this.#counted + 1) * this.#program.countMs, () => {
      this.#counted++
      this.#print('stdout', new TextEncoder().encode(`${this.#counted}\n`))
      this.#count()
    })
  }

  #soon (delayMs: number, exit: TaskExit): void {
    this.#cancels.push(this.#timeline.after(delayMs, () => this.finish(exit)))
  }
}

import { Gate, sleep, type KeptOutput } from '@welkin/async'
import {
  CloudError, type Cancel, type Clock, type ErrorCode, type Logger, type ObjectId, type Random, type Task,
  type TaskCapture, type TaskEnd, type TaskExit, type TaskUsage
} from '@welkin/interface'
import { SystemCalls } from './system-calls.ts'
import { Switchboard } from './talk/switchboard.ts'
import { WorkerCapture } from './task-capture.ts'
import { signalNumber } from './wasi/calls/welkin.ts'
import type { Captured, Copies, News, Order, ProgramExit, WorkerStart } from './worker/protocol.ts'
import { RunningWorker } from './worker/running-worker.ts'
import type { WasmDriverOptions } from './options.ts'

/**
 * A program that is told to end is ended without its files when it has not looked up by then: one that looks up now and
 * then, and one that may never do so.
 */
const LOOK_UP_MS = 1000
const MAYBE_LOOK_UP_MS = 50
/** It has so long to keep its files. */
const KEEP_MS = 30_000
const UNREAD_BYTES_MAX = 64 * 1024
/** A page of a program that stands still is there in microseconds; who takes longer is gone. */
const PAGE_WAIT_MS = 2000
/** Between two times that a program is held up to copy some of its pages, and how long that may go on in all. */
const GATHER_PAUSE_MS = 4
const GATHER_MS_MAX = 5000
/** A state whose pages nobody has asked for by then has to be taken again. */
const CAPTURE_KEPT_MS = 60_000
/** A program that fails with no less of its memory than this has run out of it. */
const FULL_RATIO = 0.875

const IGNORED = new Set(['SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGWINCH'])
const STOPPING = new Set(['SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'])

export interface TaskPorts {
  clock: Clock
  log: Logger
  output: KeptOutput
  random: Random
  call: WasmDriverOptions['call']
  conversations: WasmDriverOptions['conversations']
  /** Switchboards that are in use. */
  open: Set<Switchboard>
  /** Called before `ended` settles. */
  onEnd: (end: TaskEnd) => Promise<void>
  onLeave: () => Promise<void>
}

export interface TaskFacts {
  id: ObjectId
  immovable: string | undefined
  memoryBytes: number | undefined
}

type Gathered = Extract<News, { kind: 'gathered' }>
interface Waiter<T> { resolve: (value: T) => void, reject: (error: unknown) => void }

/** A program in a worker of its own. */
export class WasmTask implements Task {
  readonly id: ObjectId
  readonly pid = undefined
  readonly immovable: string | undefined
  readonly ended: Promise<TaskEnd>
  /** Resolves when the program runs, or has run; rejects as `run` and `restore` do. */
  readonly started: Promise<void>
  startedAtMs: number
  readonly #ports: TaskPorts
  readonly #facts: TaskFacts
  readonly #worker: RunningWorker
  readonly #calls: SystemCalls
  readonly #switchboard: Switchboard
  #begin: Waiter<void> | undefined
  #settle: (end: TaskEnd) => void = () => {}
  /** What it was told to end by. */
  #endedBy: string | undefined
  #cancelGrace: Cancel = () => {}
  #isOver = false
  #handlesSignals = false
  #inputOpen: boolean
  #unreadBytes = 0
  #readers: Array<() => void> = []
  #onRestored: (pages: number) => void = () => {}
  readonly #gate = new Gate(1)
  #captures: Array<Waiter<Captured>> = []
  #gathers: Array<Waiter<Gathered>> = []
  #latest: WorkerCapture | undefined
  #cancelRelease: Cancel = () => {}
  #isStanding = false

  constructor (ports: TaskPorts, facts: TaskFacts, start: Omit<WorkerStart, 'control'>) {
    this.#ports = ports
    this.#facts = facts
    this.id = facts.id
    this.immovable = facts.immovable
    this.startedAtMs = ports.clock.wallMs()
    this.#calls = new SystemCalls(facts.id, ports)
    this.#switchboard = new Switchboard(facts.id, ports, news => this.#worker.tell({ kind: 'talk', news }))
    this.#inputOpen = start.hasInput
    this.ended = new Promise(resolve => { this.#settle = resolve })
    this.started = new Promise((resolve, reject) => { this.#begin = { resolve, reject } })
    this.started.catch(() => {})
    this.#worker = new RunningWorker(start, {
      onNews: news => this.#hear(news), onExit: outOfMemory => this.#gone(outOfMemory)
    })
  }

  get isOver (): boolean {
    return this.#isOver
  }

  async signal (name: string): Promise<void> {
    const number = signalNumber(name)
    if (number === undefined) throw new CloudError('EINVAL', `There is no signal "${name}"; give one such as SIGHUP.`)
    this.#checkRuns()
    if (STOPPING.has(name)) throw new CloudError('ENOSYS', 'A WebAssembly task is not paused by signals.')
    if (this.#handlesSignals && name !== 'SIGKILL') this.#worker.tell({ kind: 'signal', number })
    else if (!IGNORED.has(name)) this.#end(name)
  }

  async stop (graceMs: number): Promise<void> {
    if (this.#isOver) return
    if (!this.#handlesSignals) {
      this.#end('SIGTERM')
      return
    }
    this.#worker.tell({ kind: 'signal', number: signalNumber('SIGTERM') as number })
    this.#cancelGrace()
    this.#cancelGrace = this.#ports.clock.after(graceMs, () => this.#end('SIGKILL'))
  }

  async write (bytes: Uint8Array): Promise<void> {
    while (this.#inputOpen && !this.#isOver && this.#unreadBytes > UNREAD_BYTES_MAX) {
      await new Promise<void>(resolve => { this.#readers.push(resolve) })
    }
    if (!this.#inputOpen || this.#isOver) throw new CloudError('EPIPE', 'The task reads no more.')
    this.#unreadBytes += bytes.byteLength
    this.#worker.tell({ kind: 'input', bytes: bytes.slice() })
  }

  async endInput (): Promise<void> {
    if (!this.#inputOpen || this.#isOver) return
    this.#inputOpen = false
    this.#worker.tell({ kind: 'end-input' })
  }

  async usage (): Promise<TaskUsage> {
    return this.#isOver ? (await this.ended).usage : this.#measure()
  }

  capture: NonNullable<Task['capture']> = async options => await this.#gate.run(async () => await this.#take(options))

  async #take ({ stop }: { stop: boolean }): Promise<TaskCapture> {
    if (this.immovable !== undefined) throw new CloudError('ENOSYS', `The task cannot be taken up: ${this.immovable}.`)
    this.#checkRuns()
    const previous = this.#latest
    const isFirst = previous?.isComplete !== true
    const gathers = isFirst && !stop && !this.#isStanding
    const gathered = gathers ? await this.#gather() : []
    const isTaken = new Promise<Captured>((resolve, reject) => { this.#captures.push({ resolve, reject }) })
    this.#worker.tell({ kind: 'capture', stop, full: isFirst && !gathers })
    this.#isStanding ||= stop
    const { changed, ...captured } = await isTaken
    const copies = { ...captured, changed: [...gathered, ...changed] }
    const capture: WorkerCapture = new WorkerCapture(copies, this.#ports.output.end, previous, place => {
      return capture === this.#latest && this.#isStanding && this.#worker.ask(place, PAGE_WAIT_MS)
    })
    previous?.release()
    this.#latest = capture
    this.#cancelRelease()
    this.#cancelRelease = this.#ports.clock.after(CAPTURE_KEPT_MS, () => this.#release())
    return capture
  }

  /** Has the worker copy pages little by little, so that a first capture does not hold the program up for long. */
  async #gather (): Promise<Copies> {
    const { clock } = this.#ports
    const gathered: Array<Copies[number]> = []
    const untilMs = clock.monotonicMs() + GATHER_MS_MAX
    for (let isDone = false, afresh = true; !isDone && clock.monotonicMs() < untilMs; afresh = false) {
      const more = new Promise<Gathered>((resolve, reject) => { this.#gathers.push({ resolve, reject }) })
      this.#worker.tell({ kind: 'gather', afresh })
      const { copies, ...rest } = await more
      isDone = rest.isDone
      gathered.push(...copies)
      if (!isDone) await sleep(clock, GATHER_PAUSE_MS)
    }
    this.#checkRuns()
    return gathered
  }

  resume: NonNullable<Task['resume']> = async () => {
    this.#checkRuns()
    this.#isStanding = false
    this.#release()
    this.#worker.tell({ kind: 'resume' })
  }

  leave: NonNullable<Task['leave']> = async () => {
    if (this.#isOver) return // it was ended, to begin anew elsewhere
    this.abandon()
    await this.#ports.onLeave()
  }

  /** It is here no more, and has not ended. */
  abandon (): void {
    this.#over()
    this.#worker.terminate()
  }

  /** Gives the worker a part of what it is to go on from. */
  tell (order: Extract<Order, { kind: 'state' | 'pages' }>, transfer: ArrayBuffer[] = []): void {
    this.#worker.tell(order, transfer)
  }

  /** Called with how many pages the worker has taken. */
  watchRestore (watcher: (pages: number) => void): void {
    this.#onRestored = watcher
  }

  /** A restored program goes on. */
  go (): void {
    this.startedAtMs = this.#ports.clock.wallMs()
    this.#worker.tell({ kind: 'go' })
  }

  #hear (news: News): void {
    if (this.#isOver) return
    switch (news.kind) {
      case 'started': this.#begin?.resolve(); break
      case 'restored': this.#onRestored(news.pages); break
      case 'written':
        this.#worker.tookOutput(news.bytes.byteLength)
        this.#ports.output.write(news.stream, news.bytes)
        break
      case 'took':
        this.#unreadBytes -= news.bytes
        this.#wakeReaders()
        break
      case 'handles-signals': this.#handlesSignals = true; break
      case 'ending': this.#terminateAfter(KEEP_MS); break
      case 'call':
        this.#calls.make(news.call, bytes => {
          if (!this.#isOver) this.#worker.tell({ kind: 'reply', requestId: news.call.requestId, bytes })
        })
        break
      case 'talk': this.#switchboard.obey(news.order); break
      case 'gathered': this.#gathers.shift()?.resolve(news); break
      case 'captured': this.#captures.shift()?.resolve(news); break
      case 'not-captured': this.#captures.shift()?.reject(new CloudError('ENOSYS', news.reason)); break
      case 'ended': this.#finish(this.#exitOf(news.end)); break
      default: this.#failed(news.message, news.code)
    }
  }

  #failed (message: string, code: ErrorCode = 'EINVAL'): void {
    this.#begin?.reject(new CloudError(code, `The program could not be begun: ${message}.`))
    this.#ports.log.warn('wasm.worker_failed', { object: this.id, reason: message })
    this.#finish({ kind: 'signaled', signal: 'SIGABRT' })
  }

  #gone (outOfMemory: boolean): void {
    const { memoryBytes } = this.#facts
    if (outOfMemory) this.#finish({ kind: 'out-of-memory', limitBytes: memoryBytes ?? this.#worker.memoryBytesMax })
    else this.#finish({ kind: 'signaled', signal: this.#endedBy ?? 'SIGABRT' })
  }

  /** What runs out of memory mostly fails at something next. */
  #exitOf (end: ProgramExit): TaskExit {
    const { memoryBytes } = this.#facts
    const hasFailed = end.kind === 'exited' ? end.code !== 0 : end.trap === true
    if (hasFailed && memoryBytes !== undefined && this.#worker.memoryBytes >= memoryBytes * FULL_RATIO) {
      return { kind: 'out-of-memory', limitBytes: memoryBytes }
    }
    if (this.#endedBy !== undefined && end.kind === 'signaled') return { kind: 'signaled', signal: this.#endedBy }
    return end.kind === 'exited' ? end : { kind: 'signaled', signal: end.signal }
  }

  #end (signal: string): void {
    if (this.#isOver) return
    this.#endedBy ??= signal
    if (signal === 'SIGKILL') this.#endedBy = signal
    this.#worker.tell({ kind: 'end', signal })
    this.#terminateAfter(this.immovable === undefined ? LOOK_UP_MS : MAYBE_LOOK_UP_MS)
  }

  #terminateAfter (delayMs: number): void {
    this.#cancelGrace()
    this.#cancelGrace = this.#ports.clock.after(delayMs, () => this.#worker.terminate())
  }

  #finish (exit: TaskExit): void {
    if (this.#isOver) return
    const { cpuSeconds, memoryBytesMax } = this.#measure()
    const end: TaskEnd = {
      exit, endedAtMs: this.#ports.clock.wallMs(),
      usage: {
        ...cpuSeconds === undefined ? {} : { cpuSeconds },
        ...memoryBytesMax === undefined ? {} : { memoryBytesMax }
      }
    }
    this.#begin?.resolve()
    this.#over()
    this.#worker.terminate()
    void this.#ports.onEnd(end).then(() => { this.#settle(end) })
  }

  #over (): void {
    this.#isOver = true
    this.#calls.end()
    this.#switchboard.end()
    this.#cancelGrace()
    this.#release()
    this.#wakeReaders()
    this.#begin?.reject(new CloudError('ESTALE', 'This state was discarded.'))
    const ended = new CloudError('ESRCH', 'The task has ended.')
    for (const { reject } of [...this.#captures.splice(0), ...this.#gathers.splice(0)]) reject(ended)
  }

  /** The copies of its pages go. */
  #release (): void {
    this.#cancelRelease()
    if (this.#latest !== undefined && !this.#isOver) this.#worker.tell({ kind: 'drop' })
    this.#latest?.release()
    this.#latest = undefined
  }

  #measure (): TaskUsage {
    const { cpuSeconds, memoryBytes, memoryBytesMax } = this.#worker
    return { ...cpuSeconds === undefined ? {} : { cpuSeconds }, memoryBytes, memoryBytesMax, processes: 1 }
  }

  #wakeReaders (): void {
    for (const wake of this.#readers.splice(0)) wake()
  }

  #checkRuns (): void {
    if (this.#isOver) throw new CloudError('ESRCH', 'The task has ended.', { fields: { object: this.id } })
  }
}

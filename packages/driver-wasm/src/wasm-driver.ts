import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { KeptOutput } from '@welkin/async'
import {
  CloudError, isCloudError, type BlobId, type Driver, type DriverAbilities, type DriverFacts, type ObjectId,
  type OutputPosition, type RestoredTask, type Task, type TaskEnd, type TaskOutput, type TaskSpec, type TaskState
} from '@welkin/interface'
import { createNodeRandom } from '@welkin/platform-node'
import { asCloudError } from '@welkin/platform-node/faults'
import { taskDirectory, workDirectory } from './layout.ts'
import { ModuleStore } from './modules/module-store.ts'
import type { Points } from './modules/prepare.ts'
import type { WasmDriverOptions } from './options.ts'
import { Restoring } from './restore-task.ts'
import { foreign, readHeader } from './state/header.ts'
import { checkSpec, environmentOf, limitsOf, pagesMaxOf, programFile, readProgram } from './task-program.ts'
import type { Switchboard } from './talk/switchboard.ts'
import { Traces } from './traces.ts'
import { WasmTask } from './wasm-task.ts'
import { collectFile, putFile } from '@welkin/platform-node/work-directory'
import { digestOf, sha256 } from './worker/digest.ts'

const NO_POINTS = 'it was started without points at which it can be taken up'

/** What of a task is known before it has a worker. */
interface Prepared { module: WebAssembly.Module, program: string, points: Points, immovable: string | undefined }

/** Runs WebAssembly programs, each in a worker of the daemon, with which they end. */
export class WasmDriver implements Driver {
  readonly name = 'wasm'
  readonly abilities: DriverAbilities = {
    signals: true,
    input: true,
    exec: false,
    limits: { cpu: 'none', memory: 'hard' },
    isolation: 'strict',
    checkpoint: 'live',
    survivesDaemon: false
  }

  readonly #options: WasmDriverOptions
  readonly #modules: ModuleStore
  readonly #traces: Traces
  readonly #tasks = new Map<ObjectId, WasmTask>()
  /** Those that could go on. */
  readonly #waiting = new Set<WasmTask>()
  readonly #outputs = new Map<ObjectId, KeptOutput>()
  readonly #talking = new Set<Switchboard>()
  readonly #random = createNodeRandom()

  constructor (options: WasmDriverOptions) {
    this.#options = options
    this.#modules = new ModuleStore({ directory: join(options.directory, 'modules'), clock: options.clock })
    this.#traces = new Traces(options.directory)
  }

  async facts (): Promise<DriverFacts> {
    return { health: 'healthy', attributes: { wasi: 'preview1', engine: `v8-${process.versions.v8}` } }
  }

  async start (): Promise<void> {
    try {
      await mkdir(join(this.#options.directory, 'tasks'), { recursive: true, mode: 0o700 })
    } catch (error) {
      throw asCloudError(error, 'The directory of WebAssembly tasks could not be made')
    }
  }

  async stop (): Promise<void> {
    for (const task of [...this.#tasks.values(), ...this.#waiting]) task.abandon()
    for (const switchboard of this.#talking) switchboard.close()
    this.#tasks.clear()
    this.#waiting.clear()
    await this.#modules.close()
  }

  async run (spec: TaskSpec): Promise<Task> {
    checkSpec(spec)
    const prepared = await this.#prepare(spec, spec.wasm?.snapshotPoints ?? 'anywhere')
    await this.#putFiles(spec)
    await this.#traces.put(spec.id, { attempt: spec.attempt })
    return await this.#begin(spec, prepared)
  }

  async recover (id: ObjectId, attempt = 0): Promise<Task | TaskEnd | undefined> {
    return this.#tasks.get(id) ?? await this.#traces.find(id, attempt)
  }

  output (id: ObjectId): TaskOutput {
    return this.#output(id)
  }

  collect (id: ObjectId, path: string): AsyncIterable<Uint8Array> {
    return collectFile(workDirectory(this.#options.directory, id), path)
  }

  async remove (id: ObjectId): Promise<void> {
    const directory = taskDirectory(this.#options.directory, id)
    if (this.#tasks.has(id)) throw new CloudError('EBUSY', 'The task runs; end it first.')
    this.#outputs.delete(id)
    await rm(directory, { recursive: true, force: true })
  }

  async restore (
    spec: TaskSpec, state: TaskState & { output: OutputPosition }, read: (page: BlobId) => Promise<Uint8Array>
  ): Promise<RestoredTask> {
    checkSpec(spec)
    const { points } = readHeader(state, digestOf)
    const prepared = await this.#prepare(spec, points)
    const task = this.#launch(spec, prepared, { goesOn: true })
    this.#waiting.add(task)
    const restoring = new Restoring(task)
    let { output } = state
    const discard = async (): Promise<void> => {
      if (this.#waiting.delete(task)) task.abandon()
    }
    const take = async (later: typeof state, readPage: typeof read): Promise<void> => {
      try {
        const header = readHeader(later, digestOf)
        if (header.program !== prepared.program) throw foreign('it belongs to another program')
        if (header.points !== points) throw foreign('it was suspended in another way')
        if (header.memoryPages > pagesMaxOf(spec)) throw foreign('it has more memory than it is allowed')
        await restoring.take(header, later, readPage)
        output = later.output
      } catch (error) {
        await discard()
        throw isCloudError(error, 'ESTALE') ? foreign('it was made suspendable in another way', error) : error
      }
    }
    await take(state, read)
    return { renew: take, start: async () => await this.#goOn(spec, task, output), discard }
  }

  async #prepare (spec: TaskSpec, points: Points): Promise<Prepared> {
    const bytes = await readProgram(spec)
    const program = sha256(bytes)
    const { module, reasons } = await this.#modules.get({ bytes, hash: program, points, pagesMax: pagesMaxOf(spec) })
    if (points === 'none') return { module, program, points, immovable: NO_POINTS }
    if (reasons.length === 0) return { module, program, points, immovable: undefined }
    return { module, program, points: 'none', immovable: reasons.join('; ') }
  }

  // The program itself is not among what it finds: it would be kept once more for each task.
  async #putFiles (spec: TaskSpec): Promise<void> {
    const directory = workDirectory(this.#options.directory, spec.id)
    const program = programFile(spec)
    const keep = spec.attempt > 0
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 })
    } catch (error) {
      throw asCloudError(error, 'The working directory could not be made')
    }
    for (const file of spec.files) if (file !== program) await putFile(directory, file, { keep })
  }

  async #begin (spec: TaskSpec, prepared: Prepared): Promise<Task> {
    const task = this.#launch(spec, prepared)
    try {
      await task.started
    } catch (error) {
      await this.#traces.forget(spec.id)
      throw error
    }
    if (!task.isOver) this.#tasks.set(spec.id, task)
    return task
  }

  async #goOn (spec: TaskSpec, task: WasmTask, output: OutputPosition): Promise<Task> {
    const { id, attempt } = spec
    if (!this.#waiting.has(task)) throw new CloudError('ESTALE', 'This state was discarded.')
    if (this.#tasks.has(id)) throw new CloudError('EAGAIN', 'The task still runs here.')
    await rm(taskDirectory(this.#options.directory, id), { recursive: true, force: true })
    await this.#traces.put(id, { attempt })
    this.#output(id).moveTo(output)
    this.#waiting.delete(task)
    this.#tasks.set(id, task)
    task.go()
    await task.started
    return task
  }

  #launch (
    spec: TaskSpec, { module, program, points, immovable }: Prepared, { goesOn = false } = {}
  ): WasmTask {
    const { clock, directory, log, call, conversations } = this.#options
    const { id, argv, attempt, env, input, limits } = spec
    const onLeave = async (): Promise<void> => {
      this.#tasks.delete(id)
      await this.#traces.forget(id)
    }
    const onEnd = async (end: TaskEnd): Promise<void> => {
      if (this.#waiting.delete(task)) return
      this.#tasks.delete(id)
      try {
        await this.#traces.put(id, { attempt, end })
      } catch (error) {
        if (!isCloudError(error)) throw error
        log.warn('wasm.end_not_noted', { object: id, code: error.code })
      }
    }
    const facts = { id, immovable, memoryBytes: limits.memoryBytes }
    const ports = {
      clock, log, call, conversations, random: this.#random, open: this.#talking, output: this.#output(id), onEnd,
      onLeave
    }
    const task = new WasmTask(ports, facts, {
      object: id, module, program, points, args: argv, environment: environmentOf(env),
      limits: limitsOf(spec), hasInput: input, directory: workDirectory(directory, id), goesOn
    })
    return task
  }

  #output (id: ObjectId): KeptOutput {
    const known = this.#outputs.get(id) ?? new KeptOutput()
    this.#outputs.set(id, known)
    return known
  }
}

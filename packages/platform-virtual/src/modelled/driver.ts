import { collectBytes, KeptOutput } from '@welkin/async'
import {
  CloudError, type BlobId, type Cancel, type Driver, type DriverAbilities, type DriverFacts, type ObjectId,
  type OutputPosition, type RestoredTask, type Task, type TaskCapture, type TaskEnd, type TaskFile, type TaskOutput,
  type TaskSpec, type TaskState, type TaskUsage
} from '@welkin/interface'
import type { Life } from '../life.ts'
import type { ModelledMemory } from './memory.ts'
import type { ModelledProcess } from './process.ts'
import type { ModelledProcesses } from './processes.ts'
import { parseProgram } from './program.ts'
import { decodeHeader, encodeHeader, statePages } from './state.ts'

/** Until a new process runs. */
const START_MS = 3

/** Runs modelled programs (see `Program`) for one life of the daemon; they outlive it, though not a power cut. */
export class ModelledDriver implements Driver {
  readonly name = 'modelled'
  readonly abilities: DriverAbilities = {
    signals: true,
    input: true,
    exec: false,
    limits: { cpu: 'hard', memory: 'hard' },
    isolation: 'strict',
    checkpoint: 'live',
    survivesDaemon: true
  }

  readonly #processes: ModelledProcesses
  readonly #life: Life

  constructor (processes: ModelledProcesses, life: Life) {
    this.#processes = processes
    this.#life = life
  }

  async facts (): Promise<DriverFacts> {
    return { health: 'healthy', attributes: {} }
  }

  async start (): Promise<void> {
    await this.#life.alive()
  }

  async stop (): Promise<void> {
    await this.#life.alive()
  }

  async run (spec: TaskSpec): Promise<Task> {
    await this.#life.alive()
    const program = parseProgram(spec.argv)
    checkLimits(spec)
    const files = await readFiles(spec.files)
    await this.#life.pass(START_MS)
    const process = this.#processes.start(spec, program, files)
    return new ModelledTask(spec.id, process, this.#processes, this.#life)
  }

  async recover (id: ObjectId, attempt = 0): Promise<Task | TaskEnd | undefined> {
    await this.#life.alive()
    const process = this.#processes.get(id)?.process
    if (process === undefined || process.attempt < attempt) return undefined
    return process.end ?? new ModelledTask(id, process, this.#processes, this.#life)
  }

  output (id: ObjectId): TaskOutput {
    const kept = async (): Promise<KeptOutput> => {
      await this.#life.alive()
      return this.#processes.get(id)?.output ?? new KeptOutput()
    }
    return {
      read: async (from, bytesMax) => await (await kept()).read(from, bytesMax),
      size: async () => await (await kept()).size(),
      watch: watcher => this.#watch(id, watcher)
    }
  }

  async * collect (id: ObjectId, path: string): AsyncGenerator<Uint8Array> {
    await this.#life.alive()
    checkPath(path)
    const files = this.#processes.get(id)?.files ?? new Map<string, Uint8Array>()
    const content = files.get(path)
    if (content !== undefined) yield content.slice()
    else if ([...files.keys()].some(name => name.startsWith(`${path}/`))) {
      throw new CloudError('EINVAL', `${path} is a directory; collect the files in it.`)
    } else throw new CloudError('ENOENT', `The object has left no file ${path}.`)
  }

  async remove (id: ObjectId): Promise<void> {
    await this.#life.alive()
    this.#processes.remove(id)
  }

  async restore (
    spec: TaskSpec, state: TaskState & { output: OutputPosition }, read: (page: BlobId) => Promise<Uint8Array>
  ): Promise<RestoredTask> {
    await this.#life.alive()
    const program = parseProgram(spec.argv)
    checkLimits(spec)
    let known = new Set<BlobId | ''>([''])
    let discarded = false
    const discard = async (): Promise<void> => { discarded = true }
    const take = async (later: typeof state, readPage: typeof read) => {
      try {
        const taken = { ...decodeHeader(later.header, spec), output: later.output }
        const pages = statePages(program, taken.progress)
        if (pages.length !== later.pages.length || !pages.every((page, at) => page === later.pages[at])) {
          throw new CloudError('EINVAL', 'These pages are no state of this program.')
        }
        for (const page of pages) if (!known.has(page)) await readPage(page)
        known = new Set(['', ...pages])
        return taken
      } catch (error) {
        await discard()
        throw error
      }
    }
    let last = await take(state, read)
    await this.#life.pass(START_MS)
    return {
      renew: async (later, readPage) => {
        await this.#life.alive()
        last = await take(later, readPage)
      },
      start: async () => {
        await this.#life.alive()
        if (discarded) throw new CloudError('ESTALE', 'This state was discarded.')
        const { files, ...rest } = last
        const process = this.#processes.start(spec, program, files, rest)
        return new ModelledTask(spec.id, process, this.#processes, this.#life)
      },
      discard
    }
  }

  // Whoever watches before the first attempt is told of it as well.
  #watch (id: ObjectId, watcher: () => void): Cancel {
    const unwatch = this.#processes.place(id).output.watch(() => {
      if (!this.#life.over) watcher()
    })
    const forget = this.#life.onEnd(unwatch)
    return () => {
      unwatch()
      forget()
    }
  }
}

/** A process, as one life of the daemon sees it. */
class ModelledTask implements Task {
  readonly id: ObjectId
  readonly pid: number
  readonly startedAtMs: number
  readonly ended: Promise<TaskEnd>
  readonly #process: ModelledProcess
  readonly #processes: ModelledProcesses
  readonly #life: Life
  #captured: ModelledMemory | undefined

  constructor (id: ObjectId, process: ModelledProcess, processes: ModelledProcesses, life: Life) {
    this.id = id
    this.pid = process.pid
    this.startedAtMs = process.startedAtMs
    this.ended = life.during(process.ended)
    this.#process = process
    this.#processes = processes
    this.#life = life
  }

  async capture ({ stop }: { stop: boolean }): Promise<TaskCapture> {
    const process = await this.#alive()
    if (process.end !== undefined) throw new CloudError('ESRCH', 'The task has ended.')
    if (stop) process.stand()
    const memory = this.#captured = process.memory()
    const { files, output } = this.#processes.place(this.id)
    return {
      header: encodeHeader({ progress: process.progress, files }),
      pages: memory.pages(),
      output: output.end,
      read: page => {
        const content = this.#captured === memory ? memory.read(page) : undefined
        if (content === undefined) throw new CloudError('ENOENT', 'Another capture has taken the place of this one.')
        return content
      }
    }
  }

  async resume (): Promise<void> {
    (await this.#alive()).goOn()
  }

  async leash (forMs: number): Promise<void> {
    (await this.#alive()).leash(forMs)
  }

  async leave (): Promise<void> {
    await this.#alive()
    this.#processes.leave(this.id)
  }

  async signal (name: string): Promise<void> {
    (await this.#alive()).signal(name)
  }

  async stop (graceMs: number): Promise<void> {
    (await this.#alive()).stop(graceMs)
  }

  async write (bytes: Uint8Array): Promise<void> {
    (await this.#alive()).write(bytes)
  }

  async endInput (): Promise<void> {
    (await this.#alive()).endInput()
  }

  async usage (): Promise<TaskUsage> {
    return (await this.#alive()).usage()
  }

  async #alive (): Promise<ModelledProcess> {
    await this.#life.alive()
    return this.#process
  }
}

function checkLimits ({ limits }: TaskSpec): void {
  if (Object.values(limits).every(limit => limit === undefined || limit > 0)) return
  throw new CloudError('EINVAL', 'A limit must be larger than 0; leave it out for none.')
}

function checkPath (path: string): void {
  if (path.split('/').some(part => part === '' || part === '.' || part === '..')) {
    throw new CloudError('EINVAL', `${path} is not a path below the object's directory.`)
  }
}

async function readFiles (files: readonly TaskFile[]): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>()
  for (const file of files) {
    checkPath(file.path)
    contents.set(file.path, await collectBytes(file.open()))
  }
  return contents
}

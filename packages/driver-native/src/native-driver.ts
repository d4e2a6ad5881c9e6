import { access, chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  CloudError, type BlobId, type Driver, type DriverAbilities, type DriverFacts, type ObjectId, type OutputPosition,
  type RestoredTask, type Task, type TaskEnd, type TaskLimits, type TaskOutput, type TaskSpec, type TaskState
} from '@welkin/interface'
import { asCloudError, systemCode } from '@welkin/platform-node/faults'
import { collectFile, putFile } from '@welkin/platform-node/work-directory'
import type { Places } from './cgroups/places.ts'
import { probeCgroups, type Probe } from './cgroups/probe.ts'
import { taskEnvironment } from './environment.ts'
import { Isolator } from './isolation/isolator.ts'
import { segmentPath, statesDirectory, taskDirectory, tasksDirectory, workDirectory } from './layout.ts'
import { shepherdOptions, type NativeDriverOptions } from './options.ts'
import { arrivedState, STATE_FILE } from './state/arrived-state.ts'
import { SegmentOutput } from './task-output.ts'
import { checkSpec } from './task-spec.ts'
import { WatchedTasks } from './watched-tasks.ts'
import { Watchers } from './watchers.ts'

const PRIVATE_MODE = 0o700
const ANSWER_MS = 10_000

/** For a task that asks for no other, where it is the task's own processes that count. */
const PROCESSES_MAX = 4096

/** Runs native processes, which are the shepherd's children: see `shepherd/main.ts`. */
export class NativeDriver implements Driver {
  readonly name = 'native'
  readonly #options: NativeDriverOptions
  readonly #tasks: WatchedTasks
  readonly #outputWatchers = new Watchers<ObjectId>()
  readonly #isolator: Isolator
  #probing: Promise<Probe> | undefined
  #places: Places = {}

  constructor (options: NativeDriverOptions) {
    this.#options = options
    this.#isolator = new Isolator(options)
    this.#tasks = new WatchedTasks({
      ...options,
      upcalls: options.upcalls,
      answerMs: options.answerMs ?? ANSWER_MS,
      shepherd: shepherdOptions(options),
      onChange: id => this.#outputWatchers.tell(id)
    })
  }

  /** What is known of limits and isolation is known after `start` or `facts`; before, none are promised. */
  get abilities (): DriverAbilities {
    const { cpu, memory } = this.#places
    return {
      signals: true,
      input: true,
      exec: true,
      limits: { cpu: cpu === undefined ? 'none' : 'hard', memory: memory === undefined ? 'none' : 'hard' },
      isolation: this.#isolator.way === 'bubblewrap' ? 'strict' : this.#isolator.way,
      checkpoint: this.#options.upcalls === undefined ? 'none' : 'stop',
      survivesDaemon: true
    }
  }

  async facts (): Promise<DriverFacts> {
    if (process.platform !== 'linux' && process.platform !== 'darwin') {
      const reason = `Native tasks need a POSIX system, and this is ${process.platform}.`
      return { health: 'absent', reason, attributes: {} }
    }
    const [{ places, reason }, means] = await Promise.all([this.#probe(), this.#isolator.probe()])
    const reasons = [reason, means.reason].filter(each => each !== undefined)
    const versions = new Set(Object.values(places).map(({ version }) => `v${version}`))
    const attributes = {
      cgroups: versions.size === 0 ? 'none' : [...versions].toSorted().join('+'), isolation: this.#isolator.way
    }
    if (!await hasProgram('mkfifo')) {
      return { health: 'unhealthy', reason: 'There is no "mkfifo" in the PATH; install coreutils.', attributes }
    }
    return { health: 'healthy', ...reasons.length === 0 ? {} : { reason: reasons.join(' ') }, attributes }
  }

  async start (): Promise<void> {
    try {
      await mkdir(tasksDirectory(this.#options.directory), { recursive: true, mode: PRIVATE_MODE })
      await rm(statesDirectory(this.#options.directory), { recursive: true, force: true })
    } catch (error) {
      throw asCloudError(error, 'The directory of native tasks could not be made')
    }
    await this.#probe()
    await this.#isolator.start()
  }

  async stop (): Promise<void> {
    await this.#tasks.close()
  }

  async run (spec: TaskSpec): Promise<Task> {
    const { argv, attempt, env, id, input, limits } = spec
    checkSpec(spec)
    this.#isolator.check(spec)
    const directory = workDirectory(this.#options.directory, id)
    await this.#prepare(spec)
    const isolation = await this.#isolator.prepare(spec)
    const isAlone = isolation.sandbox.length + isolation.become.length > 0
    return await this.#tasks.spawn({
      call: 'spawn', id, attempt, argv, env: taskEnvironment(env, directory, this.#options.env), input,
      places: this.#placesFor(limits),
      limits: isAlone ? { ...limits, processes: limits.processes ?? PROCESSES_MAX } : limits, isolation
    })
  }

  async restore (
    spec: TaskSpec, state: TaskState & { output: OutputPosition }, read: (page: BlobId) => Promise<Uint8Array>
  ): Promise<RestoredTask> {
    checkSpec(spec)
    this.#isolator.check(spec)
    const arrived = await arrivedState(state, statesDirectory(this.#options.directory), read)
    const env = { ...spec.env, WELKIN_RESTORE: join(workDirectory(this.#options.directory, spec.id), STATE_FILE) }
    return {
      start: async () => {
        await this.#clear(spec.id, state.output)
        const task = await this.run({ ...spec, env, files: [...spec.files, arrived.file] })
        await arrived.remove()
        return task
      },
      discard: async () => { await arrived.remove() }
    }
  }

  async recover (id: ObjectId, attempt = 0): Promise<Task | TaskEnd | undefined> {
    return await this.#tasks.find(id, attempt)
  }

  output (id: ObjectId): TaskOutput {
    const directory = taskDirectory(this.#options.directory, id)
    return new SegmentOutput(directory, watcher => this.#outputWatchers.add(id, watcher))
  }

  collect (id: ObjectId, path: string): AsyncIterable<Uint8Array> {
    return collectFile(workDirectory(this.#options.directory, id), path)
  }

  async remove (id: ObjectId): Promise<void> {
    const directory = taskDirectory(this.#options.directory, id)
    await this.#tasks.forget(id) // rejects while the task runs
    await removeTree(directory)
  }

  /** As if nothing had been here, but for where output goes on. Rejects EAGAIN where its task runs. */
  async #clear (id: ObjectId, { stdout, stderr }: OutputPosition): Promise<void> {
    const found = await this.#tasks.find(id, 0)
    if (found !== undefined && 'ended' in found) throw new CloudError('EAGAIN', 'The task still runs here.')
    await this.remove(id)
    const directory = taskDirectory(this.#options.directory, id)
    try {
      await mkdir(directory, { recursive: true, mode: PRIVATE_MODE })
      await writeFile(segmentPath(directory, 'stdout', stdout), '', { mode: 0o600 })
      await writeFile(segmentPath(directory, 'stderr', stderr), '', { mode: 0o600 })
    } catch (error) {
      throw asCloudError(error, 'The directory of the task could not be made')
    }
  }

  /** Cgroups cost, so that they are made only where they alone can see to it that a limit holds. */
  #placesFor ({ cpu, memoryBytes, processes }: TaskLimits): Places {
    return cpu === undefined && memoryBytes === undefined && processes === undefined ? {} : this.#places
  }

  async #prepare ({ attempt, files, id }: TaskSpec): Promise<void> {
    const directory = workDirectory(this.#options.directory, id)
    try {
      await mkdir(directory, { recursive: true, mode: PRIVATE_MODE })
    } catch (error) {
      throw asCloudError(error, 'No working directory could be made')
    }
    // A restarted program finds its files as it left them; only what it removed is put there again.
    for (const file of files) await putFile(directory, file, { keep: attempt > 0 })
  }

  async #probe (): Promise<Probe> {
    this.#probing ??= probeCgroups()
    const probe = await this.#probing
    this.#places = probe.places
    return probe
  }
}

async function hasProgram (name: string): Promise<boolean> {
  const directories = (process.env.PATH ?? '').split(':')
  const found = await Promise.allSettled(directories.map(async directory => await access(join(directory, name))))
  return found.some(({ status }) => status === 'fulfilled')
}

// Programs leave directories that not even their owner may change; then these are opened first.
async function removeTree (directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true })
  } catch (error) {
    const closed = ['EACCES', 'EPERM', 'ENOTEMPTY'].includes(systemCode(error) ?? '')
    if (!closed) throw asCloudError(error, `${directory} could not be removed`)
    await openTree(directory)
    await rm(directory, { recursive: true, force: true })
  }
}

async function openTree (directory: string): Promise<void> {
  try {
    await chmod(directory, PRIVATE_MODE)
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) await openTree(join(directory, entry.name))
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error // what was begun to be removed goes on going
  }
}

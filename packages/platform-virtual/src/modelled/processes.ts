import { KeptOutput } from '@welkin/async'
import { CloudError, type ObjectId, type OutputPosition, type TaskSpec } from '@welkin/interface'
import type { Quartz } from '../clock.ts'
import type { Timeline } from '../timeline.ts'
import type { CpuMeter } from './cpu-meter.ts'
import { ModelledProcess, type Progress } from './process.ts'
import type { Program } from './program.ts'

/** What a machine keeps for one object: its directory, its output, and the process of its last attempt. */
export interface ModelledObject {
  files: Map<string, Uint8Array>
  output: KeptOutput
  process: ModelledProcess | undefined
}

/** What goes on where it was elsewhere. */
export interface Continued { progress: Progress, output: OutputPosition }

interface World { timeline: Timeline, quartz: Quartz, cpus: CpuMeter }

/** The processes of one machine: daemons come and go above them, a power cut ends them all. */
export class ModelledProcesses {
  readonly #world: World
  readonly #objects = new Map<ObjectId, ModelledObject>()
  readonly #running = new Set<ModelledProcess>()
  #pids = 1000

  constructor (world: World) {
    this.#world = world
  }

  get (id: ObjectId): ModelledObject | undefined {
    return this.#objects.get(id)
  }

  /** The object's place, made if there is none. */
  place (id: ObjectId): ModelledObject {
    let object = this.#objects.get(id)
    if (object === undefined) {
      object = { files: new Map(), output: new KeptOutput(), process: undefined }
      this.#objects.set(id, object)
    }
    return object
  }

  start (
    spec: TaskSpec, program: Program, files: ReadonlyMap<string, Uint8Array>, continued?: Continued
  ): ModelledProcess {
    const object = this.place(spec.id)
    if (object.process !== undefined && object.process.end === undefined) throw running(spec.id)
    if (continued !== undefined) object.output.moveTo(continued.output)
    for (const [path, content] of files) object.files.set(path, content)
    const process = new ModelledProcess(this.#world, this.#pids++, program, spec, {
      env: spec.env,
      files: object.files,
      print: (stream, bytes) => object.output.write(stream, bytes)
    }, continued?.progress)
    object.process = process
    this.#running.add(process)
    this.#meter()
    void process.ended.then(() => {
      this.#running.delete(process)
      this.#meter()
    })
    return process
  }

  remove (id: ObjectId): void {
    const process = this.#objects.get(id)?.process
    if (process !== undefined && process.end === undefined) throw running(id)
    this.#objects.delete(id)
  }

  /** It is here no more; what it wrote is. */
  leave (id: ObjectId): void {
    const object = this.#objects.get(id)
    if (object?.process === undefined) return
    object.process.vanish()
    this.#running.delete(object.process)
    object.process = undefined
    this.#meter()
  }

  /** Nobody sees how they end. */
  loseAll (reason: string): void {
    for (const process of this.#running) process.finish({ kind: 'lost', reason })
  }

  /** The objects whose processes run now, those that stand still left out. */
  runningObjects (): ObjectId[] {
    return [...this.#objects]
      .filter(([_id, { process }]) => process !== undefined && process.end === undefined && !process.stands)
      .map(([id]) => id)
  }

  /** Bytes that running processes have. */
  get memoryBytes (): number {
    return [...this.#running].reduce((sum, process) => sum + process.memoryBytes, 0)
  }

  #meter (): void {
    this.#world.cpus.setTasks([...this.#running].reduce((sum, { cpu }) => sum + cpu, 0))
  }
}

function running (id: ObjectId): CloudError {
  return new CloudError('EBUSY', `Object ${id} runs; stop it first.`)
}

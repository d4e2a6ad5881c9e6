import { Worker } from 'node:worker_threads'
import { CloudError, type Cancel, type Clock } from '@welkin/interface'
import type { Points } from './prepare.ts'
import type { WorkshopJob, WorkshopResult } from './workshop-main.ts'

/** A module as it runs; `reasons`: why it cannot be suspended. */
export interface RunnableModule { readonly module: WebAssembly.Module, readonly reasons: readonly string[] }

export interface WantedModule { bytes: Uint8Array, hash: string, points: Points, pagesMax: number }

const KEPT_MAX = 64
const IDLE_MS = 10_000
/** What takes longer to make suspendable or to compile is held to be made to do so. */
const WORK_MS_MAX = 60_000
const HEAP_MEGABYTES_MAX = 2048

interface Job { resolve: (module: RunnableModule) => void, reject: (error: unknown) => void }

/** Compiled modules, each made once and shared by all its tasks; made in a worker of their own. */
export class ModuleStore {
  readonly #directory: string
  readonly #clock: Clock
  readonly #kept = new Map<string, Promise<RunnableModule>>()
  readonly #jobs = new Map<number, Job>()
  #workshop: Worker | undefined
  #count = 0
  #cancelTimer: Cancel = () => {}

  constructor ({ directory, clock }: { directory: string, clock: Clock }) {
    this.#directory = directory
    this.#clock = clock
  }

  /** Rejects ENOEXEC for what cannot be run here. */
  async get (wanted: WantedModule): Promise<RunnableModule> {
    const key = `${wanted.hash}-${wanted.points}-${wanted.pagesMax}`
    const known = this.#kept.get(key)
    this.#kept.delete(key) // and it comes back as the latest
    const made = known ?? this.#make(wanted)
    this.#kept.set(key, made)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest)
    try {
      return await made
    } catch (error) {
      this.#kept.delete(key)
      throw error
    }
  }

  async close (): Promise<void> {
    this.#cancelTimer()
    await this.#workshop?.terminate()
  }

  async #make ({ bytes, hash, points, pagesMax }: WantedModule): Promise<RunnableModule> {
    const workshop = this.#workshop ??= this.#open()
    const number = this.#count++
    const made = new Promise<RunnableModule>((resolve, reject) => { this.#jobs.set(number, { resolve, reject }) })
    const job: WorkshopJob = { number, directory: this.#directory, bytes, hash, points, pagesMax }
    workshop.postMessage(job)
    this.#setTimer()
    return await made
  }

  #open (): Worker {
    const worker = new Worker(new URL('workshop-main.js', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX }
    })
    worker.unref()
    worker.on('message', (result: WorkshopResult) => {
      const job = this.#jobs.get(result.number)
      this.#jobs.delete(result.number)
      this.#setTimer()
      if ('refused' in result) job?.reject(new CloudError('ENOEXEC', result.refused))
      else job?.resolve({ module: result.module, reasons: result.reasons })
    })
    worker.on('error', () => {}) // 'exit' follows
    worker.on('exit', () => {
      if (this.#workshop === worker) this.#workshop = undefined
      for (const { reject } of this.#jobs.values()) reject(tooMuch())
      this.#jobs.clear()
    })
    return worker
  }

  /** It closes when there is nothing to do, or what there is takes too long. */
  #setTimer (): void {
    this.#cancelTimer()
    const worker = this.#workshop
    this.#cancelTimer = this.#clock.after(this.#jobs.size === 0 ? IDLE_MS : WORK_MS_MAX, () => {
      if (this.#workshop === worker) this.#workshop = undefined
      void worker?.terminate()
    })
  }
}

function tooMuch (): CloudError {
  return new CloudError('ENOEXEC', 'The module takes more time or memory to be made ready than is allowed; ' +
    'build a smaller one, or run it without points at which it can be taken up.')
}

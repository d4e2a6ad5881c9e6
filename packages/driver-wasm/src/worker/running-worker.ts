import { readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { PAGE_BYTES } from '../state/page-bytes.ts'
import { scriptOf } from '../worker-script.ts'
import { CONTROL, makeControl, ring } from './control.ts'
import type { News, Order, WorkerStart } from './protocol.ts'

/** What the worker's own heap may hold; neither the program's memory nor its files count. */
const HEAP_MEGABYTES_MAX = 128
/** Interpreters that were made suspendable need it. */
const STACK_MEGABYTES = 32
const NS_PER_SECOND = 1e9
const KIBIBYTE = 1024

/** What all workers run; made for the first of them. */
let script: string | undefined

export interface WorkerEvents {
  onNews: (news: News) => void
  /** It is gone; `outOfMemory`: for want of heap. */
  onExit: (outOfMemory: boolean) => void
}

/** A worker with its program, as the daemon sees it. */
export class RunningWorker {
  readonly #control = makeControl()
  readonly #worker: Worker
  #cpuPath: string | undefined
  #cpuSeconds: number | undefined
  #memoryBytesMax = 0

  constructor (start: Omit<WorkerStart, 'control'>, { onNews, onExit }: WorkerEvents) {
    let outOfMemory = false
    const workerData: WorkerStart = { ...start, control: this.#control }
    script ??= scriptOf(new URL('main.js', import.meta.url).href)
    this.#worker = new Worker(script, {
      eval: true, workerData, env: {}, execArgv: [], trackUnmanagedFds: false,
      resourceLimits: {
        maxOldGenerationSizeMb: HEAP_MEGABYTES_MAX, maxYoungGenerationSizeMb: 1, stackSizeMb: STACK_MEGABYTES
      }
    })
    this.#worker.on('message', (news: News) => {
      if (news.kind === 'started' && news.threadId !== undefined) {
        this.#cpuPath = `/proc/self/task/${news.threadId}/schedstat`
      }
      if (news.kind === 'ended') this.#cpuSeconds = Number(news.cpuNs) / NS_PER_SECOND
      onNews(news)
    })
    this.#worker.on('error', error => {
      outOfMemory = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY'
    })
    this.#worker.on('exit', () => onExit(outOfMemory))
  }

  tell (order: Order, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(order, transfer)
    Atomics.store(this.#control, CONTROL.news, 1)
    ring(this.#control)
  }

  /** So much of its output was taken. */
  tookOutput (bytes: number): void {
    Atomics.sub(this.#control, CONTROL.untakenBytes, bytes)
    ring(this.#control)
  }

  /** Has a program that stands still put this page, and some after it, into the window; false: it did not. */
  ask (place: number, waitMs: number): boolean {
    Atomics.store(this.#control, CONTROL.answered, 0)
    Atomics.store(this.#control, CONTROL.asked, place + 1)
    ring(this.#control)
    Atomics.wait(this.#control, CONTROL.answered, 0, waitMs)
    return Atomics.load(this.#control, CONTROL.answered) === place + 1
  }

  /** What the program and its files take now. */
  get memoryBytes (): number {
    const pages = Atomics.load(this.#control, CONTROL.memoryPages)
    const bytes = pages * PAGE_BYTES + Atomics.load(this.#control, CONTROL.fileKibibytes) * KIBIBYTE
    this.#memoryBytesMax = Math.max(this.#memoryBytesMax, bytes)
    return bytes
  }

  /** As far as anybody looked. */
  get memoryBytesMax (): number {
    return Math.max(this.memoryBytes, this.#memoryBytesMax)
  }

  /** Undefined: nobody counts it. Once it is gone, as of the last look. */
  get cpuSeconds (): number | undefined {
    if (this.#cpuPath === undefined) return this.#cpuSeconds
    try {
      const seconds = Number(readFileSync(this.#cpuPath, 'latin1').split(' ')[0]) / NS_PER_SECOND
      this.#cpuSeconds = Math.max(this.#cpuSeconds ?? 0, seconds)
    } catch {
      this.#cpuPath = undefined
    }
    return this.#cpuSeconds
  }

  /** Ends it at once, whatever it does. */
  terminate (): void {
    void this.cpuSeconds
    void this.#worker.terminate()
  }
}

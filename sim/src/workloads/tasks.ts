import {
  drawOne, isCloudError, toHex, type CloudProcessId, type NodeId, type ObjectId, type Random
} from '@welkin/interface'
import type { Cloud } from '../cloud.ts'
import type { TasksDescription } from '../scenario/schema.ts'
import { drawExponential } from './exponential.ts'

/** By these a call says that it does not know what became of what it asked for. */
const UNKNOWN_OUTCOMES = ['ETIMEDOUT', 'ECONNRESET'] as const

/** Longer than any call takes whose caller lives. */
const PATIENCE_MS = 120_000

/** Tasks that arrive by chance at nodes that run, and what the cloud said to each. */
export class TaskStream {
  /** Objects that the cloud has acknowledged: it must account for each of them. */
  readonly acknowledged = new Map<ObjectId, { restarts: boolean }>()
  /** Cloud processes, one a call, of whose objects nobody knows whether they exist: the answer did not come. */
  readonly unanswered = new Set<CloudProcessId>()
  /** Objects that it refused, by the error's code. */
  readonly refused = new Map<string, number>()
  readonly #cloud: Cloud
  readonly #random: Random
  readonly #tasks: TasksDescription
  readonly #calls = new Set<Promise<void>>()
  #isOver = false

  constructor (cloud: Cloud, random: Random, tasks: TasksDescription) {
    this.#cloud = cloud
    this.#random = random
    this.#tasks = tasks
  }

  start (): void {
    const { perNodeAndMinute, together } = this.#tasks
    const meanMs = 60_000 * together / (perNodeAndMinute * this.#cloud.places.length)
    if (Number.isFinite(meanMs)) this.#arrive(meanMs)
  }

  /** No more come; resolves when all calls are answered, or never will be. */
  async stop (): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#calls)
  }

  #arrive (meanMs: number): void {
    this.#cloud.after(drawExponential(this.#random, meanMs), () => {
      if (this.#isOver) return
      const from = drawOne(this.#random, this.#cloud.running())
      if (from !== undefined) {
        const call = this.#spawn(from).finally(() => { this.#calls.delete(call) })
        this.#calls.add(call)
      }
      this.#arrive(meanMs)
    })
  }

  async #spawn (from: NodeId): Promise<void> {
    const { runs, cpu, memory, together } = this.#tasks
    const cp = toHex(this.#random.bytes(16))
    const seconds = Math.max(0.1, drawExponential(this.#random, runs) / 1000).toFixed(1)
    const restarts = this.#random.unit() < this.#tasks.restarts
    try {
      const spawning = this.#cloud.syscalls(from).spawn({
        cp,
        count: together,
        program: this.#cloud.programOf({ seconds, cpu, memory }),
        limits: { cpu, memoryBytes: memory },
        restart: { policy: restarts ? 'on-failure' : 'never' }
      })
      // A caller whose own machine loses power never hears of it.
      const answer = await Promise.race([spawning, this.#cloud.pass(PATIENCE_MS)])
      if (answer === undefined) this.unanswered.add(cp)
      else for (const { id } of answer.objects) this.acknowledged.set(id, { restarts })
    } catch (error) {
      if (!isCloudError(error)) throw error
      this.#cloud.mark('refused', from, error.code)
      if (isCloudError(error, ...UNKNOWN_OUTCOMES)) this.unanswered.add(cp)
      else this.refused.set(error.code, (this.refused.get(error.code) ?? 0) + together)
    }
  }
}

import {
  drawOne, isCloudError, toHex, type CloudProcessId, type NodeId, type ObjectId, type Random
} from '@welkin/interface'
import type { Cloud } from '../cloud.ts'

/** What one call asks for: so many objects, each of which does this. */
export interface Task {
  count: number
  seconds: number
  cpu: number
  memoryBytes: number
  restarts: boolean
}

/** By these a call says that it does not know what became of what it asked for. */
const UNKNOWN_OUTCOMES = ['ETIMEDOUT', 'ECONNRESET'] as const

/** Longer than any call takes whose caller lives. */
const PATIENCE_MS = 120_000

/** Calls that ask nodes for tasks, and what the cloud said to each. */
export class TaskCalls {
  /** Objects that the cloud has acknowledged: it must account for each of them. */
  readonly acknowledged = new Map<ObjectId, { restarts: boolean }>()
  /** Cloud processes, one a call, of whose objects nobody knows whether they exist: the answer did not come. */
  readonly unanswered = new Set<CloudProcessId>()
  /** Objects that it refused, by the error's code. */
  readonly refused = new Map<string, number>()
  readonly #cloud: Cloud
  readonly #calls = new Set<Promise<void>>()

  constructor (cloud: Cloud) {
    this.#cloud = cloud
  }

  /** Asks any node that runs for the task that `draw` gives; nobody, while none does. */
  ask (random: Random, draw: (random: Random) => Task): void {
    const from = drawOne(random, this.#cloud.running())
    if (from === undefined) return
    const cp = toHex(random.bytes(16))
    const call = this.#spawn(from, cp, draw(random)).finally(() => { this.#calls.delete(call) })
    this.#calls.add(call)
  }

  /** Resolves when all calls are answered, or never will be. */
  async settled (): Promise<void> {
    await Promise.all(this.#calls)
  }

  async #spawn (from: NodeId, cp: CloudProcessId, task: Task): Promise<void> {
    const { count, seconds, cpu, memoryBytes, restarts } = task
    try {
      const spawning = this.#cloud.syscalls(from).spawn({
        cp,
        count,
        program: this.#cloud.programOf({ seconds: seconds.toFixed(1), cpu, memory: memoryBytes }),
        limits: { cpu, memoryBytes },
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
      else this.refused.set(error.code, (this.refused.get(error.code) ?? 0) + count)
    }
  }
}

import { constants } from 'node:os'
import {
  CloudError, isCloudError, type AbortOptions, type ObjectId, type Task, type TaskEnd, type TaskUsage
} from '@welkin/interface'
import { checkStood, Cooperation, type CooperationPorts } from './cooperation.ts'
import type { StartedTask } from './protocol.ts'
import type { ShepherdClient } from './shepherd-client.ts'
import { checkArguments } from './task-spec.ts'

/** Input goes in pieces of this size, as much as a pipe holds. */
const INPUT_PIECE_BYTES = 64 * 1024

export interface NativeTaskPorts extends CooperationPorts {
  shepherd: ShepherdClient
  /** It went on elsewhere, and nothing of it is here. */
  left: () => void
}

/** A task that the shepherd watches over. */
export class NativeTask implements Task {
  readonly ended: Promise<TaskEnd>
  readonly #started: StartedTask
  readonly #shepherd: ShepherdClient
  readonly #cooperation: Cooperation
  readonly #left: () => void
  #over = false

  constructor (started: StartedTask, ended: Promise<TaskEnd>, { left, shepherd, ...ports }: NativeTaskPorts) {
    this.#started = started
    this.ended = ended
    this.#shepherd = shepherd
    this.#left = left
    this.#cooperation = new Cooperation(started.id, shepherd, ports)
    void ended.then(() => this.#end())
  }

  get id (): ObjectId {
    return this.#started.id
  }

  get pid (): number {
    return this.#started.pid
  }

  get startedAtMs (): number {
    return this.#started.startedAtMs
  }

  get immovable (): string | undefined {
    return this.#cooperation.immovable
  }

  async whenMovable (options: { signal: AbortSignal }): Promise<void> {
    await this.#cooperation.whenMovable(this.startedAtMs, options)
  }

  async signal (name: string): Promise<void> {
    if (!Object.hasOwn(constants.signals, name)) {
      throw new CloudError('EINVAL', `There is no signal "${name}" here; give a POSIX name such as SIGHUP.`)
    }
    if (this.#over) throw new CloudError('ESRCH', 'The task has ended.')
    await this.#shepherd.ask({ call: 'signal', id: this.id, name })
  }

  async stop (graceMs: number): Promise<void> {
    if (!this.#over) await this.#shepherd.ask({ call: 'stop', id: this.id, graceMs })
  }

  async write (bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.byteLength; at += INPUT_PIECE_BYTES) {
      if (this.#over) throw new CloudError('EPIPE', 'The task has ended and reads no more.')
      await this.#shepherd.ask({ call: 'write', id: this.id }, { tail: bytes.subarray(at, at + INPUT_PIECE_BYTES) })
    }
  }

  async endInput (): Promise<void> {
    if (!this.#over) await this.#shepherd.ask({ call: 'endInput', id: this.id })
  }

  async usage (): Promise<TaskUsage> {
    if (this.#over) return (await this.ended).usage
    try {
      return (await this.#shepherd.ask({ call: 'usage', id: this.id })).answer.usage
    } catch (error) {
      if (isCloudError(error, 'ESRCH')) return (await this.ended).usage // the news are on their way
      throw error
    }
  }

  exec: NonNullable<Task['exec']> = async (argv, { signal }: AbortOptions = {}) => {
    checkArguments(argv)
    if (this.#over) throw new CloudError('ESRCH', 'The task has ended.')
    const { answer, tail } = await this.#shepherd.ask({ call: 'exec', id: this.id, argv }, { signal })
    return { exit: answer.exit, stdout: tail.slice(0, answer.stdoutBytes), stderr: tail.slice(answer.stdoutBytes) }
  }

  capture: NonNullable<Task['capture']> = async ({ stop }) => {
    if (this.#over) throw new CloudError('ESRCH', 'The task has ended.')
    return await this.#cooperation.capture(stop)
  }

  resume: NonNullable<Task['resume']> = async () => {
    if (!this.#over) await this.#cooperation.resume()
  }

  leash: NonNullable<Task['leash']> = async forMs => {
    if (!this.#over) checkStood((await this.#shepherd.ask({ call: 'leash', id: this.id, forMs })).answer)
  }

  leave: NonNullable<Task['leave']> = async () => {
    if (this.#over) return
    try {
      checkStood((await this.#shepherd.ask({ call: 'leave', id: this.id })).answer)
    } catch (error) {
      if (!isCloudError(error, 'ESRCH')) throw error
    }
    this.#end()
    this.#left()
  }

  /** Whoever asks it is no more; it runs on. */
  abandon (): void {
    this.#cooperation.end()
  }

  #end (): void {
    this.#over = true
    this.#cooperation.end()
  }
}

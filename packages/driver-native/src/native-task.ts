import { constants } from 'node:os'
import {
  CloudError, isCloudError, type AbortOptions, type ObjectId, type Task, type TaskEnd, type TaskUsage
} from '@welkin/interface'
import type { StartedTask } from './protocol.ts'
import type { ShepherdClient } from './shepherd-client.ts'
import { checkArguments } from './task-spec.ts'

/** Input goes in pieces of this size, as much as a pipe holds. */
const INPUT_PIECE_BYTES = 64 * 1024

/** A task that the shepherd watches over. */
export class NativeTask implements Task {
  readonly ended: Promise<TaskEnd>
  readonly #started: StartedTask
  readonly #shepherd: ShepherdClient
  #over = false

  constructor (started: StartedTask, ended: Promise<TaskEnd>, shepherd: ShepherdClient) {
    this.#started = started
    this.ended = ended
    this.#shepherd = shepherd
    void ended.then(() => { this.#over = true })
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
}

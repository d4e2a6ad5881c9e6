import { Gate, withDeadline } from '@welkin/async'
import {
  CloudError, ignoreFault, isCloudError, type Clock, type GivenState, type ObjectId, type ProgramUpcalls,
  type TaskCapture
} from '@welkin/interface'
import { statesDirectory, taskDirectory, workDirectory } from './layout.ts'
import type { Stood } from './protocol.ts'
import type { ShepherdClient } from './shepherd-client.ts'
import { givenContent } from './state/given-content.ts'
import { TakenState } from './state/taken-state.ts'
import { SegmentOutput } from './task-output.ts'

/** So long after its start a program that has not registered to give its state may do so yet. */
const REGISTER_MS = 5000

export interface CooperationPorts {
  directory: string
  clock: Clock
  upcalls: ProgramUpcalls | undefined
  answerMs: number
}

/** How one program takes part in being moved: it gives its state when it is asked, then stands still until told. */
export class Cooperation {
  readonly #id: ObjectId
  readonly #shepherd: ShepherdClient
  readonly #ports: CooperationPorts
  readonly #gate = new Gate(1)
  #latest: TakenState | undefined
  #stands = false

  constructor (id: ObjectId, shepherd: ShepherdClient, ports: CooperationPorts) {
    this.#id = id
    this.#shepherd = shepherd
    this.#ports = ports
  }

  /** Why its state cannot be had. */
  get immovable (): string | undefined {
    const { upcalls } = this.#ports
    if (upcalls === undefined) return 'this node asks no program for its state'
    return upcalls.handles(this.#id, 'checkpoint')
      ? undefined
      : 'the program has not registered for "checkpoint", by which it gives its state (docs/migration.md)'
  }

  /** Resolves when it has registered to give its state, or has had time to since it was started. */
  async whenMovable (startedAtMs: number, { signal }: { signal: AbortSignal }): Promise<void> {
    const { clock, upcalls } = this.#ports
    const timeoutMs = startedAtMs + REGISTER_MS - clock.wallMs()
    if (upcalls === undefined || timeoutMs <= 0) return
    try {
      await withDeadline(clock, { timeoutMs, signal, what: 'Its registration' }, async until => {
        await upcalls.whenHandled(this.#id, 'checkpoint', { signal: until })
      })
    } catch (error) {
      if (!isCloudError(error, 'ETIMEDOUT')) throw error
    }
  }

  /** Rejects ENOSYS, ETIMEDOUT (no answer), and as the program says; it goes on then. */
  async capture (stop: boolean): Promise<TaskCapture> {
    return await this.#gate.run(async () => {
      if (this.#stands && this.#latest !== undefined) return this.#latest // as it was: nothing has changed
      const { immovable } = this
      if (immovable !== undefined) throw new CloudError('ENOSYS', `The task cannot be taken up: ${immovable}.`)
      const given = await this.#ask()
      try {
        const taken = await this.#take(given, stop)
        this.#latest?.release()
        this.#latest = taken
        this.#stands = stop
        if (!stop) this.#ports.upcalls?.resume(this.#id)
        return taken
      } catch (error) {
        await this.resume().catch(ignoreFault)
        throw error
      }
    })
  }

  async resume (): Promise<void> {
    this.#stands = false
    await this.#shepherd.ask({ call: 'release', id: this.#id })
    this.#ports.upcalls?.resume(this.#id)
  }

  /** The task is no more. */
  end (): void {
    this.#latest?.release()
    this.#latest = undefined
  }

  async #ask (): Promise<GivenState> {
    const { answerMs, clock, upcalls } = this.#ports
    const patience = { timeoutMs: answerMs, what: 'the answer to "checkpoint"' }
    try {
      return await withDeadline(clock, patience, async signal => {
        return await (upcalls as ProgramUpcalls).askForState(this.#id, { signal })
      })
    } catch (error) {
      if (!isCloudError(error, 'ETIMEDOUT')) throw error
      const message = `The program of object ${this.#id} did not answer "checkpoint" within ${answerMs / 1000} s; ` +
        'it goes on where it is. Try again, or see what it waits for.'
      throw new CloudError('ETIMEDOUT', message, { fields: { object: this.#id }, cause: error })
    }
  }

  async #take (given: GivenState, stop: boolean): Promise<TakenState> {
    const { answerMs, clock, directory, upcalls } = this.#ports
    // What a full disk does not take is waited for in vain.
    const patience = { timeoutMs: answerMs, what: 'writing down what the program has written' }
    await withDeadline(clock, patience, async signal => {
      checkStood((await this.#shepherd.ask({ call: stop ? 'hold' : 'settle', id: this.#id }, { signal })).answer)
    })
    const output = await new SegmentOutput(taskDirectory(directory, this.#id), () => () => {}).size()
    const content = givenContent(given, workDirectory(directory, this.#id), blob => {
      return (upcalls as ProgramUpcalls).readBlob(this.#id, blob)
    })
    return await TakenState.of(content, statesDirectory(directory), output)
  }
}

/** Throws ENOSYS where a shepherd of an earlier version did not know the order. */
export function checkStood ({ stood }: Partial<Stood>): void {
  if (stood === true) return
  const message = 'The task was started by an earlier version, which cannot have it stand still; start it anew.'
  throw new CloudError('ENOSYS', message)
}

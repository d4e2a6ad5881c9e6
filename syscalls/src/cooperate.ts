import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Mailbox } from '@welkin/async'
import type { InputOf, ReplyOf } from '@welkin/abi'
import { CloudError, isCloudError } from '@welkin/interface'
import { connect, type Connection, type ConnectOptions } from './connect.ts'

/** A program's state: as it is, or in a file below its working directory, or in a blob. */
export type ProgramState = string | Uint8Array | { file: string } | { blob: string }
type Give = () => ProgramState | Promise<ProgramState>

/** How a program that can be moved is asked. */
export interface Cooperation {
  /**
   * Resolves at once; or, while its state is being taken, when the program may go on. Whoever awaits it before each
   * step does nothing that its state does not know of.
   */
  goOn (): Promise<void>
  /** It is asked no more. */
  close (): void
  /** Settles when it is asked no more, with why; never rejects. */
  readonly closed: Promise<CloudError | undefined>
}

export interface CooperateOptions extends ConnectOptions {
  /** Called when the program may go on here, after it has given its state. */
  resumed?: () => void
}

/** More does not go in one message. */
const BYTES_MAX = 1 << 20
const AGAIN_MS = 1000
/** By these a node is gone, and may come back. */
const GONE = ['ECONNRESET', 'EHOSTDOWN', 'ENOENT', 'EAGAIN', 'EPIPE', 'ECANCELED'] as const

/** The state that this program is to go on from; undefined: it begins. */
export function restored (): Uint8Array | undefined {
  const path = process.env['WELKIN_RESTORE']
  return path === undefined ? undefined : readFileSync(path)
}

/**
 * Has `give` asked for the program's state, when it is to be moved or a checkpoint is taken. What it rejects with is
 * told to whoever asks, and the program stays. Rejects as `connect` does; a node that comes back is found again.
 */
export async function onCheckpoint (
  give: Give, { resumed, ...options }: CooperateOptions = {}
): Promise<Cooperation> {
  return new Cooperating(give, resumed ?? (() => {}), options, await connect(options))
}

class Cooperating implements Cooperation {
  readonly closed: Promise<CloudError | undefined>
  readonly #give: Give
  readonly #resumed: () => void
  readonly #options: ConnectOptions
  readonly #ending = new AbortController()
  #connection: Connection
  #standing: { over: Promise<void>, end: () => void } | undefined

  constructor (give: Give, resumed: () => void, options: ConnectOptions, connection: Connection) {
    this.#give = give
    this.#resumed = resumed
    this.#options = options
    this.#connection = connection
    this.closed = this.#serve()
  }

  async goOn (): Promise<void> {
    while (this.#standing !== undefined) await this.#standing.over
  }

  close (): void {
    this.#ending.abort()
    this.#connection.close()
  }

  async #serve (): Promise<CloudError | undefined> {
    for (;;) {
      try {
        await this.#answerAll(this.#connection)
      } catch (error) {
        if (!isCloudError(error)) throw error
        if (!this.#ending.signal.aborted && !isCloudError(error, ...GONE)) return error
      } finally {
        this.#end()
      }
      if (!await this.#connectAgain()) return undefined
    }
  }

  async #connectAgain (): Promise<boolean> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      try {
        await sleep(AGAIN_MS, undefined, { signal, ref: false })
        this.#connection = await connect(this.#options)
        return true
      } catch (error) {
        if (!signal.aborted && !isCloudError(error)) throw error
      }
    }
    return false
  }

  async #answerAll ({ syscalls }: Connection): Promise<void> {
    const answers = new Mailbox<InputOf<'handle'>>()
    for await (const upcall of syscalls.handle({ signals: ['checkpoint'] }, { input: answers })) {
      if (upcall.signal === 'checkpoint') answers.put(await this.#answer(upcall))
      else if (upcall.signal === 'resume') this.#end()
    }
  }

  async #answer ({ number, stop = false }: ReplyOf<'handle'>): Promise<InputOf<'handle'>> {
    let end = (): void => {}
    const over = new Promise<void>(resolve => { end = resolve })
    this.#standing = { over, end }
    try {
      return { number, ...asAnswer(await this.#give()) }
    } catch (error) {
      const message = `The program could not give its state: ${error instanceof Error ? error.message : String(error)}`
      return { number, error: new CloudError('EFAULT', message).toJSON() }
    } finally {
      if (!stop) this.#end()
    }
  }

  #end (): void {
    const standing = this.#standing
    if (standing === undefined) return
    this.#standing = undefined
    standing.end()
    this.#resumed()
  }
}

function asAnswer (given: ProgramState): Pick<InputOf<'handle'>, 'bytes' | 'file' | 'blob'> {
  if (typeof given !== 'string' && !(given instanceof Uint8Array)) return given
  const bytes = typeof given === 'string' ? new TextEncoder().encode(given) : given
  if (bytes.byteLength <= BYTES_MAX) return { bytes }
  throw new CloudError('E2BIG', `A state of ${bytes.byteLength} bytes is too large for a message; give a file.`)
}

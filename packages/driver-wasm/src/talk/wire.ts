import { Condition, Mailbox } from '@welkin/async'
import { CloudError, type Channel } from '@welkin/interface'
import { ON_THE_WAY_BYTES, type TalkNews } from '../wasi/talk/messages.ts'

/**
 * The daemon's end of one connection of a program's conversation: what is sent here the program hears, and what the
 * program says is read here. Neither is ahead of the other by more than a bounded amount.
 */
export class Wire implements Channel {
  readonly number: number
  readonly #tell: (news: TalkNews) => void
  readonly #said = new Mailbox<Uint8Array>()
  readonly #room = new Condition()
  /** Bytes that the program was sent and has made no room for. */
  #untakenBytes = 0
  #readBytes = 0
  #hasEnded = false
  #failure: CloudError | undefined

  constructor (number: number, tell: (news: TalkNews) => void) {
    this.number = number
    this.#tell = tell
  }

  async send (frame: Uint8Array): Promise<void> {
    while (this.#failure === undefined && this.#untakenBytes >= ON_THE_WAY_BYTES) await this.#room.wait()
    if (this.#failure !== undefined) throw this.#failure
    if (frame.byteLength > ON_THE_WAY_BYTES / 2) throw new CloudError('EPROTO', 'The other end says too much at once.')
    this.#untakenBytes += frame.byteLength
    this.#tell({ kind: 'frame', wire: this.number, bytes: frame.slice() })
  }

  async end (): Promise<void> {
    if (this.#failure === undefined) this.#tell({ kind: 'ended', wire: this.number })
  }

  fail (error: CloudError): void {
    if (this.#failure !== undefined) return
    this.drop(error)
    this.#tell({ kind: 'broken', wire: this.number, error: error.toJSON() })
  }

  /** The program needs it no more. */
  drop (error: CloudError): void {
    this.#failure ??= error
    this.#said.fail(error)
    this.#room.notifyAll()
  }

  /** The program says this. */
  say (frame: Uint8Array): void {
    this.#said.put(frame)
  }

  /** It has said all, and knows that the other end has. */
  get hasEnded (): boolean {
    return this.#hasEnded
  }

  sayEnd (): void {
    this.#hasEnded = true
    this.#said.end()
  }

  /** It has made room for so much. */
  take (bytes: number): void {
    this.#untakenBytes -= bytes
    this.#room.notifyAll()
  }

  [Symbol.asyncIterator] (): AsyncIterator<Uint8Array> {
    return {
      // Who asks for the next has passed on the last.
      next: async () => {
        if (this.#readBytes > 0) this.#tell({ kind: 'credit', wire: this.number, bytes: this.#readBytes })
        this.#readBytes = 0
        const value = await this.#said.take()
        if (value === undefined) return { done: true, value }
        this.#readBytes = value.byteLength
        return { done: false, value }
      }
    }
  }
}

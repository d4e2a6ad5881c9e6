import { Condition } from '@welkin/async'
import { CloudError, isCloudError, type ByteStream, type Channel } from '@welkin/interface'
import { decodeFrame, encodeFrame } from './frames.ts'
import { Session, type SessionState } from './session.ts'

const BOUNDS = { windowBytes: 1 << 20, pieceBytesMax: 64 << 10 }

/**
 * One end of a stream of bytes that goes on over one connection after another. What it knows is plain data at every
 * moment: what was read counts as read when it is given to who reads, what is sent is known from the moment that
 * `send` finds room.
 */
export class Conversation implements ByteStream {
  /** Settles once, when both ends know that all is said and heard; rejects with why it ended before. */
  readonly over: Promise<void>
  readonly #session: Session
  readonly #change = new Condition()
  #connection: Channel | undefined
  #failure: CloudError | undefined
  /** What the other end is told of it. */
  #farewell: CloudError | undefined
  #isOver = false
  /** Nobody reads what comes. */
  #isDeaf = false
  #settle!: () => void
  #reject!: (error: CloudError) => void

  constructor (state?: SessionState) {
    this.#session = new Session(BOUNDS, state)
    this.over = new Promise((resolve, reject) => { this.#settle = resolve; this.#reject = reject })
    this.over.catch(() => { /* who reads and who sends is told */ })
  }

  get isOver (): boolean {
    return this.#isOver
  }

  /** Nothing more comes than what was not read yet. */
  get isOtherEnded (): boolean {
    return this.#session.isOtherEnded
  }

  get isConnected (): boolean {
    return this.#connection !== undefined
  }

  /** From which another goes on where this one is. */
  get state (): SessionState {
    return this.#session.state
  }

  /** Resolves when it is kept to be sent. Rejects EPIPE after the end, and with why it was given up. */
  async send (bytes: Uint8Array): Promise<void> {
    while (!this.#session.hasRoom && !this.#isOver) await this.#change.wait()
    this.#checkOpen()
    this.#session.write(bytes.slice())
    this.#changed()
  }

  async end (): Promise<void> {
    if (this.#session.isEnded) return
    this.#checkOpen()
    this.#session.end()
    this.#changed()
  }

  /** Gives up; both ends learn why. */
  fail (error: CloudError): void {
    this.#giveUp(error, error)
  }

  [Symbol.asyncIterator] (): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        for (;;) {
          if (this.#failure !== undefined) throw this.#failure
          const piece = this.#session.peek()
          if (piece === 'end' || this.#isDeaf) return { done: true, value: undefined }
          if (piece === undefined) await this.#change.wait()
          else {
            this.#session.taken()
            this.#changed()
            return { done: false, value: piece }
          }
        }
      },
      return: async () => {
        this.#isDeaf = true
        this.#changed()
        return { done: true, value: undefined }
      }
    }
  }

  /**
   * Goes on over this connection, in place of one that there may be; resolves when it is of no more use: it broke off,
   * or all is over. One that is over tells an end that does not know that yet. Never rejects.
   */
  async attach (connection: Channel): Promise<void> {
    if (this.#farewell !== undefined) return connection.fail(this.#farewell)
    this.#connection?.fail(new CloudError('ESTALE', 'The conversation goes on over another connection.'))
    this.#connection = connection
    this.#session.attach()
    this.#change.notifyAll()
    try {
      await Promise.all([this.#send(connection), this.#receive(connection)])
    } catch (error) {
      if (!isCloudError(error)) throw error
      connection.fail(error)
      if (error.code === 'EPROTO' && this.#connection === connection) this.#giveUp(disagreed(error), error)
    } finally {
      if (this.#connection === connection) {
        this.#connection = undefined
        this.#session.detach()
      }
    }
  }

  #giveUp (failure: CloudError, farewell: CloudError): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#failure = failure
    this.#farewell = farewell
    this.#connection?.fail(farewell)
    this.#reject(failure)
    this.#change.notifyAll()
  }

  async #send (connection: Channel): Promise<void> {
    while (this.#connection === connection) {
      const frame = this.#session.next()
      if (frame !== undefined) {
        await connection.send(encodeFrame(frame))
        this.#changed()
      } else if (this.#isOver) break
      else await this.#change.wait()
    }
    await connection.end()
  }

  async #receive (connection: Channel): Promise<void> {
    for await (const message of connection) {
      if (this.#connection !== connection) return
      const frame = decodeFrame(message)
      this.#session.receive(frame.kind === 'data' ? { ...frame, bytes: frame.bytes.slice() } : frame)
      this.#changed()
      while (this.#session.untakenBytes >= BOUNDS.windowBytes && this.#connection === connection) {
        await this.#change.wait()
      }
    }
    // Where all has come nothing is missing, though who reads may not have come to its end.
    if (this.#isOver || this.#session.isDone) return
    throw new CloudError('ECONNRESET', 'The connection ended before the conversation.')
  }

  #checkOpen (): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#session.isEnded) throw new CloudError('EPIPE', 'This conversation was ended here; begin another.')
  }

  #changed (): void {
    while (this.#isDeaf && this.#session.untakenBytes > 0) this.#session.taken()
    if (!this.#isOver && this.#session.isDone && this.#session.untakenBytes === 0) {
      this.#isOver = true
      this.#settle()
    }
    this.#change.notifyAll()
  }
}

/** One of the ends goes on from before what the other was told, or speaks nonsense. */
function disagreed (cause: CloudError): CloudError {
  const message = 'The two ends do not agree on what was said, as when one goes on from an older state; begin another.'
  return new CloudError('ECONNRESET', message, { cause })
}

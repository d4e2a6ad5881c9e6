import { decodeFrame, encodeFrame, Session, type SessionState } from '@welkin/resumable'
import { CloudError, isCloudError, type ByteStream, type Channel } from '@welkin/interface'

const BOUNDS = { windowBytes: 1 << 20, pieceBytesMax: 64 << 10 }

/** One end of a resumable stream: joins the stream of bytes at this end with one connection after another. */
export class RunningSession {
  /** Settles once, when all is over; rejects with why it ended before. */
  readonly over: Promise<void>
  readonly #session: Session
  readonly #local: ByteStream
  readonly #waiting = new Set<() => void>()
  #connection: Channel | undefined
  #isOver = false
  /** It goes on elsewhere. */
  #carried = false
  /** A piece is on its way to the local end. */
  #giving: Promise<void> | undefined
  #settle!: () => void
  #reject!: (error: CloudError) => void

  constructor (local: ByteStream, state?: SessionState) {
    this.#session = new Session(BOUNDS, state)
    this.#local = local
    this.over = new Promise((resolve, reject) => { this.#settle = resolve; this.#reject = reject })
    this.over.catch(() => { /* told to both ends by `fail` */ })
    this.#watch(this.#hear())
    this.#watch(this.#tell())
  }

  get isOver (): boolean {
    return this.#isOver
  }

  /**
   * Goes on over this connection, in place of one that there may be; resolves when it is of no more use: it broke off,
   * or all is over. Never rejects.
   */
  async attach (connection: Channel): Promise<void> {
    if (this.#isOver) return
    this.#connection?.fail(new CloudError('ESTALE', 'The conversation goes on over another connection.'))
    this.#connection = connection
    this.#session.attach()
    this.#wake()
    try {
      await Promise.all([this.#send(connection), this.#receive(connection)])
    } catch (error) {
      if (!isCloudError(error)) throw error
      connection.fail(error)
      if (error.code === 'EPROTO' && this.#connection === connection) this.fail(error)
    } finally {
      if (this.#connection === connection) {
        this.#connection = undefined
        this.#session.detach()
      }
    }
  }

  /** Gives up; both ends learn why. */
  fail (error: CloudError): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#local.fail(error)
    this.#connection?.fail(error)
    this.#reject(error)
    this.#wake()
  }

  /** Lets go of this end: what is said here from now on is lost, and the state is all that is needed to go on. */
  async carry (): Promise<SessionState> {
    this.#carried = true
    this.#wake()
    await this.#giving?.catch(() => { /* then it was not taken */ })
    const { state } = this.#session
    this.fail(new CloudError('ESTALE', 'The conversation goes on elsewhere.'))
    return state
  }

  /** What comes from the local end. */
  async #hear (): Promise<void> {
    for await (const bytes of this.#local) {
      if (this.#carried || this.#isOver) return
      this.#session.write(bytes.slice())
      this.#wake()
      while (!this.#session.hasRoom && !this.#isOver) await this.#change()
    }
    this.#session.end()
    this.#wake()
  }

  /** What goes to the local end. */
  async #tell (): Promise<void> {
    while (!this.#isOver && !this.#carried) {
      const piece = this.#session.peek()
      if (piece === 'end') {
        await this.#local.end()
        break
      }
      if (piece === undefined) await this.#change()
      else {
        this.#giving = this.#local.send(piece)
        await this.#giving
        this.#session.taken()
        this.#wake()
      }
    }
    while (!this.#session.isDone && !this.#isOver && !this.#carried) await this.#change()
    if (this.#isOver || this.#carried) return
    this.#isOver = true
    this.#settle()
    this.#wake()
  }

  async #send (connection: Channel): Promise<void> {
    while (this.#connection === connection) {
      const frame = this.#session.next()
      if (frame !== undefined) {
        await connection.send(encodeFrame(frame))
        this.#wake()
      } else if (this.#isOver) break
      else await this.#change()
    }
    await connection.end()
  }

  async #receive (connection: Channel): Promise<void> {
    for await (const message of connection) {
      if (this.#connection !== connection) return
      const frame = decodeFrame(message)
      this.#session.receive(frame.kind === 'data' ? { ...frame, bytes: frame.bytes.slice() } : frame)
      this.#wake()
      while (this.#session.untakenBytes >= BOUNDS.windowBytes && this.#connection === connection) await this.#change()
    }
    if (!this.#isOver) throw new CloudError('ECONNRESET', 'The connection ended before the conversation.')
  }

  #watch (work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!isCloudError(error)) throw error
      if (!this.#carried) this.fail(error)
    })
  }

  async #change (): Promise<void> {
    await new Promise<void>(resolve => { this.#waiting.add(resolve) })
  }

  #wake (): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

import { CloudError, type ErrorRecord } from '@welkin/interface/errors'
import { decodeFrame, encodeFrame } from '@welkin/resumable/frames'
import { Session, type SessionState } from '@welkin/resumable/session'
import { ON_THE_WAY_BYTES, type Reached, type Tell } from './messages.ts'

/** What is kept of each direction: said and not yet known to have come, or come and not yet read. */
export const WINDOW_BYTES = 512 * 1024
const BOUNDS = { windowBytes: WINDOW_BYTES, pieceBytesMax: 64 * 1024 }
/** Room is told of so much at a time. */
const TAKE_BYTES = ON_THE_WAY_BYTES / 4

export type Origin =
  | { readonly kind: 'called', readonly port: string, readonly from: string }
  | { readonly kind: 'dialled', readonly to: string, reached: Reached | undefined }

/** All that is kept of it wherever it goes on, but for what its session knows. */
export interface ConversationFacts {
  readonly number: number
  /** By which the other end knows it; undefined: that does not go on with it over another wire. */
  readonly id: string | undefined
  readonly origin: Origin
  /** It is not the program's yet: to be accepted, or dialled still. */
  isPending: boolean
  /** The program has let go of it, and what it said last may be on its way. */
  isClosed: boolean
  /** Nobody reads what comes. */
  isDeaf: boolean
  /** Both ends have said and heard all, and know so. */
  isFinished: boolean
  failure: ErrorRecord | undefined
}

/** A connection: what may be said over it, what was heard and not made room for. */
interface Wire { readonly number: number, creditBytes: number, owedBytes: number, hasEnded: boolean }

/** A program's numbered end of one conversation, which goes on over one wire after another. */
export class Conversation {
  readonly facts: ConversationFacts
  readonly session: Session
  readonly #tell: Tell
  #wire: Wire | undefined
  #isBegun: boolean

  constructor (tell: Tell, facts: ConversationFacts, state?: SessionState) {
    this.#tell = tell
    this.facts = facts
    this.session = new Session(BOUNDS, state)
    this.#isBegun = state !== undefined
  }

  /** The other end has spoken, and so knows of it. */
  get isBegun (): boolean {
    return this.#isBegun
  }

  get wire (): number | undefined {
    return this.#wire?.number
  }

  /** It takes up room: more of it may come, or is to be sent. */
  get goesOn (): boolean {
    return !this.facts.isFinished && this.facts.failure === undefined && !this.session.isDone
  }

  /** Whether a read would not wait. */
  get canRead (): boolean {
    const { failure, isDeaf } = this.facts
    return this.session.untakenBytes > 0 || this.isAtEnd || isDeaf || failure !== undefined
  }

  /** Whether a write would not wait. */
  get canWrite (): boolean {
    return this.session.hasRoom || this.session.isEnded || this.facts.failure !== undefined
  }

  /** All that will ever come was read. */
  get isAtEnd (): boolean {
    return this.session.isOtherEnded && this.session.untakenBytes === 0
  }

  /** What came first, as far as there is room; `peek`: it stays there. */
  read (into: readonly Uint8Array[], { peek }: { peek: boolean }): number {
    let done = 0
    for (const piece of into) done += this.session.copy(piece, done)
    if (peek) return done
    this.session.took(done)
    this.#flow()
    return done
  }

  /** So much of it as a window holds; how much. The bytes are the caller's again afterwards. */
  write (from: readonly Uint8Array[]): number {
    let done = 0
    for (const piece of from) {
      const part = piece.slice(0, WINDOW_BYTES - done)
      this.session.write(part)
      done += part.length
    }
    this.#flow()
    return done
  }

  end (): void {
    if (!this.session.isEnded) this.session.end()
    this.#flow()
  }

  stopReading (): void {
    this.facts.isDeaf = true
    this.#flow()
  }

  /** Goes on over this wire, in place of one that there may be. */
  attach (wire: number): void {
    this.detach(new CloudError('ESTALE', 'The conversation goes on over another connection.'))
    this.#wire = { number: wire, creditBytes: ON_THE_WAY_BYTES, owedBytes: 0, hasEnded: false }
    this.session.attach()
    this.#flow()
  }

  /** Its wire is of no more use; `error`: the other end is to learn why. */
  detach (error?: CloudError): void {
    if (this.#wire === undefined) return
    if (error !== undefined) this.#tell({ do: 'drop', wire: this.#wire.number, error: error.toJSON() })
    this.#wire = undefined
    this.session.detach()
  }

  /** A frame came over its wire. Throws EPROTO for what cannot be, ECONNRESET for what nobody is there to read. */
  hear (bytes: Uint8Array): void {
    const wire = this.#wire as Wire
    wire.owedBytes += bytes.length
    const frame = decodeFrame(bytes)
    if (frame.kind === 'data' && this.facts.isClosed && this.session.isHeard) {
      throw new CloudError('ECONNRESET', 'The program has closed this conversation, and reads no more of it.')
    }
    this.session.receive(frame)
    this.#isBegun = true
    this.#flow()
  }

  /** So much may be said more. */
  credit (bytes: number): void {
    (this.#wire as Wire).creditBytes += bytes
    this.#flow()
  }

  /** The other end ends its wire. False: that is too early, since not all is said and heard. */
  hearEnd (): boolean {
    if (!this.session.isDone) return false
    const wire = this.#wire as Wire
    if (!wire.hasEnded) this.#tell({ do: 'end', wire: wire.number })
    this.#wire = undefined
    this.facts.isFinished = true
    return true
  }

  #flow (): void {
    const { session } = this
    if (this.facts.isDeaf) session.took(session.untakenBytes)
    const wire = this.#wire
    if (wire === undefined) return
    while (wire.creditBytes > 0) {
      const frame = session.next()
      if (frame === undefined) break
      const bytes = encodeFrame(frame)
      wire.creditBytes -= bytes.length
      this.#tell({ do: 'frame', wire: wire.number, bytes })
    }
    if (wire.owedBytes >= TAKE_BYTES && session.untakenBytes < WINDOW_BYTES) {
      this.#tell({ do: 'take', wire: wire.number, bytes: wire.owedBytes })
      wire.owedBytes = 0
    }
    if (wire.hasEnded || !session.isDone || session.untakenBytes > 0) return
    wire.hasEnded = true
    this.#tell({ do: 'end', wire: wire.number })
  }
}

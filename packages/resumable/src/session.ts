import { broken, type Frame } from './frames.ts'

export interface SessionBounds {
  /** Bytes that are kept to be sent again, at the most; whoever writes waits then. */
  windowBytes: number
  /** A longer piece is sent in parts. */
  pieceBytesMax: number
}

/** All that one end knows: plain data, which may go on in another place. */
export interface SessionState {
  /** From here on, what was written is kept: the other end has all that came before. */
  acknowledgedBytes: number
  kept: Uint8Array[]
  /** No more will be written. */
  ended: boolean
  /** The other end knows that. */
  endAcknowledged: boolean
  receivedBytes: number
  /** What has come and was not taken. */
  untaken: Uint8Array[]
  otherEnded: boolean
}

/** What is shorter is put together with what follows it, so that a byte at a time does not cost a piece each. */
const SHORT_BYTES = 1024

const FRESH: SessionState = {
  acknowledgedBytes: 0, kept: [], ended: false, endAcknowledged: false, receivedBytes: 0, untaken: [], otherEnded: false
}

/**
 * One end of a stream that outlives its connections. It does nothing by itself: it says what to send (`next`), is told
 * what comes (`receive`), and each connection is begun by `attach`. Nothing is lost or doubled, wherever connections
 * break and wherever the state goes on.
 */
export class Session {
  readonly #bounds: SessionBounds
  readonly #state: SessionState
  #keptBytes: number
  #untakenBytes: number
  /** The connection that there is, if there is one. */
  #connection: { greets: boolean, greeted: boolean, at: number, endSent: boolean } | undefined
  /** What the other end was told last of what has come. */
  #told: { at: number, ended: boolean }

  constructor (bounds: SessionBounds, state: SessionState = FRESH) {
    this.#bounds = bounds
    this.#state = { ...state, kept: [...state.kept], untaken: [...state.untaken] }
    this.#keptBytes = sizeOf(state.kept)
    this.#untakenBytes = sizeOf(state.untaken)
    this.#told = { at: 0, ended: false }
  }

  /** As it is now; nothing of it changes any more. */
  get state (): SessionState {
    return { ...this.#state, kept: [...this.#state.kept], untaken: [...this.#state.untaken] }
  }

  /** Nothing more is written. */
  get isEnded (): boolean {
    return this.#state.ended
  }

  /** So much of what was written has come. */
  get acknowledgedBytes (): number {
    return this.#state.acknowledgedBytes
  }

  /** Nothing more comes than what was not taken yet. */
  get isOtherEnded (): boolean {
    return this.#state.otherEnded
  }

  /** The other end has all that was written, and knows that it was all. */
  get isHeard (): boolean {
    const { kept, endAcknowledged } = this.#state
    return endAcknowledged && kept.length === 0
  }

  /** Whether more may be written: the window is not full. */
  get hasRoom (): boolean {
    return this.#keptBytes < this.#bounds.windowBytes
  }

  /** Bytes that have come and were not taken. */
  get untakenBytes (): number {
    return this.#untakenBytes
  }

  /** Both ends have said all, and have all. What was not taken yet is still there. */
  get isDone (): boolean {
    return this.#state.ended && this.isHeard && this.#state.otherEnded && this.#told.ended
  }

  /** Says more to the other end; the bytes must not change any more. */
  write (bytes: Uint8Array): void {
    if (this.#state.ended) throw broken('more is written after the end')
    const { pieceBytesMax } = this.#bounds
    for (let at = 0; at < bytes.byteLength; at += pieceBytesMax) {
      append(this.#state.kept, bytes.subarray(at, at + pieceBytesMax), pieceBytesMax)
    }
    this.#keptBytes += bytes.byteLength
  }

  /** All is said. */
  end (): void {
    this.#state.ended = true
  }

  /** The first that has come; `end`: that was all; undefined: nothing yet. It stays until it is `taken`. */
  peek (): Uint8Array | 'end' | undefined {
    return this.#state.untaken[0] ?? (this.#state.otherEnded ? 'end' : undefined)
  }

  taken (): void {
    this.#untakenBytes -= this.#state.untaken.shift()?.byteLength ?? 0
  }

  /** Copies what has come and was not taken, but for the first `from` bytes, as far as it fits; gives how much. */
  copy (into: Uint8Array, from = 0): number {
    let [skip, done] = [from, 0]
    for (const piece of this.#state.untaken) {
      if (done === into.byteLength) break
      const part = piece.subarray(skip, skip + into.byteLength - done)
      skip = Math.max(0, skip - piece.byteLength)
      into.set(part, done)
      done += part.byteLength
    }
    return done
  }

  /** So many bytes of it were taken. */
  took (bytes: number): void {
    const { untaken } = this.#state
    let left = Math.min(bytes, this.#untakenBytes)
    this.#untakenBytes -= left
    for (let first = untaken[0]; first !== undefined && left > 0; first = untaken[0]) {
      const part = Math.min(left, first.byteLength)
      left -= part
      if (part === first.byteLength) untaken.shift()
      else untaken[0] = first.subarray(part)
    }
  }

  /** A connection is there; whatever was on its way over another is lost. */
  attach (): void {
    this.#connection = { greets: true, greeted: false, at: 0, endSent: false }
    this.#told = { at: 0, ended: false }
  }

  detach (): void {
    this.#connection = undefined
  }

  /** What is to be sent over the connection now; undefined: nothing, or there is none. */
  next (): Frame | undefined {
    const connection = this.#connection
    if (connection === undefined) return undefined
    if (connection.greets) {
      connection.greets = false
      this.#told = { at: this.#state.receivedBytes, ended: this.#state.otherEnded }
      return { kind: 'hello', ...this.#told }
    }
    if (!connection.greeted) return undefined
    return this.#acknowledgement() ?? this.#data(connection) ?? this.#ending(connection)
  }

  /** Something came over the connection. Throws EPROTO for what cannot be. */
  receive (frame: Frame): void {
    const connection = this.#connection
    if (connection === undefined) return
    if (frame.kind === 'hello') {
      if (connection.greeted) throw broken('it says hello twice')
      this.#acknowledged(frame.at, frame.ended)
      connection.greeted = true
      connection.at = frame.at
      return
    }
    if (!connection.greeted) throw broken('it does not say hello first')
    if (frame.kind === 'acknowledged') return this.#acknowledged(frame.at, frame.ended)
    if (frame.at !== this.#state.receivedBytes || this.#state.otherEnded) {
      throw broken('something is missing or doubled')
    }
    if (frame.kind === 'end') {
      this.#state.otherEnded = true
      return
    }
    if (frame.bytes.byteLength === 0) return
    this.#state.receivedBytes += frame.bytes.byteLength
    append(this.#state.untaken, frame.bytes, this.#bounds.pieceBytesMax)
    this.#untakenBytes += frame.bytes.byteLength
  }

  /** Rarely: the other end has a window, of which this leaves it three quarters at least. */
  #acknowledgement (): Frame | undefined {
    const { receivedBytes: at, otherEnded: ended } = this.#state
    const isDue = (at - this.#told.at) * 4 >= this.#bounds.windowBytes || ended !== this.#told.ended
    if (!isDue) return undefined
    this.#told = { at, ended }
    return { kind: 'acknowledged', at, ended }
  }

  #data (connection: { at: number }): Frame | undefined {
    const { acknowledgedBytes, kept } = this.#state
    let begin = acknowledgedBytes
    for (const piece of kept) {
      const end = begin + piece.byteLength
      if (connection.at < end) {
        const { at } = connection
        connection.at = end
        return { kind: 'data', at, bytes: piece.subarray(at - begin) }
      }
      begin = end
    }
    return undefined
  }

  #ending (connection: { at: number, endSent: boolean }): Frame | undefined {
    if (!this.#state.ended || this.#state.endAcknowledged || connection.endSent) return undefined
    connection.endSent = true
    return { kind: 'end', at: connection.at }
  }

  #acknowledged (at: number, ended: boolean): void {
    const state = this.#state
    const writtenBytes = state.acknowledgedBytes + this.#keptBytes
    if (at < state.acknowledgedBytes || at > writtenBytes) throw broken('it has what was never sent, or has lost some')
    if (ended && (!state.ended || at !== writtenBytes)) throw broken('it knows an end that was not')
    state.endAcknowledged = ended
    for (let first = state.kept[0]; first !== undefined; first = state.kept[0]) {
      const passed = Math.min(at - state.acknowledgedBytes, first.byteLength)
      state.acknowledgedBytes += passed
      this.#keptBytes -= passed
      if (passed < first.byteLength) {
        if (passed > 0) state.kept[0] = first.subarray(passed)
        return
      }
      state.kept.shift()
    }
  }
}

/** Pieces themselves never change, since who has taken a state has them too. */
function append (pieces: Uint8Array[], bytes: Uint8Array, pieceBytesMax: number): void {
  const last = pieces.at(-1)
  const size = (last?.byteLength ?? 0) + bytes.byteLength
  if (last === undefined || last.byteLength >= SHORT_BYTES || size > pieceBytesMax) {
    pieces.push(bytes)
    return
  }
  const whole = new Uint8Array(size)
  whole.set(last)
  whole.set(bytes, last.byteLength)
  pieces[pieces.length - 1] = whole
}

function sizeOf (pieces: readonly Uint8Array[]): number {
  return pieces.reduce((size, piece) => size + piece.byteLength, 0)
}

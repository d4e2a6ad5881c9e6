import { Mailbox } from '@welkin/async'
import { CloudError, type Channel } from '@welkin/interface'
import { encodeError } from './error-payload.ts'
import { CREDIT, DATA, END, ERROR, MESSAGE_OVERHEAD, OPEN, STOP, uint32s } from './frames.ts'
import type { Outbox } from './outbox.ts'

export interface WireChannelOptions {
  id: number
  /** What the kinds of this end's frames carry: 0 for the caller, ANSWER for the other. */
  side: number
  outbox: Outbox
  /** Bytes that may come before the reader takes any. */
  windowBytes: number
  payloadBytesMax: () => number
  /** Called once, when nothing more will be sent or taken: with the error, or after both directions ended. */
  onClosed: (error?: CloudError) => void
}

/** What `send`, `end` and the opening wait for: a frame that goes out in its turn. */
interface QueuedFrame {
  kind: number
  payload: Uint8Array | undefined
  prefix: Uint8Array | undefined
  resolve: () => void
  reject: (error: CloudError) => void
}

/** What came, and what it cost of the credit. */
interface Received { bytes: Uint8Array, cost: number }

/** One channel over a wire: a queue out, bounded by the other end's credit, and a mailbox in, bounded by ours. */
export class WireChannel implements Channel {
  readonly #options: WireChannelOptions
  readonly #inbox = new Mailbox<Received>()
  readonly #queue: QueuedFrame[] = []
  #credit: number
  /** Cost of what came and has not been granted again. */
  #receivedBytes = 0
  #takenBytes = 0
  /** Whether OPEN or any frame has gone out, so that the other end knows of this channel. */
  #known: boolean
  #asksForRoom = false
  #takesPieces = false
  #outgoing: 'open' | 'ended' | 'stopped' = 'open'
  #incoming: 'open' | 'ended' = 'open'
  #closed = false
  #failure: CloudError | undefined

  /** `credit`: what the other end has granted so far. */
  constructor (options: WireChannelOptions, credit: number) {
    this.#options = options
    this.#credit = credit
    this.#known = options.side !== 0
  }

  /** Whether what comes may be given in pieces. */
  get takesPieces (): boolean {
    return this.#takesPieces
  }

  /** The caller's first frame, or the answerer's: whoever reads says how much may come. */
  open (timeoutField: number, payload: Uint8Array): void {
    this.#enqueue(OPEN, payload, uint32s(timeoutField, this.#options.windowBytes)).catch(ignoreFailure)
  }

  accept (): void {
    this.#put(CREDIT, uint32s(this.#options.windowBytes))
  }

  async send (message: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#outgoing !== 'open') throw this.#brokenPipe()
    const bytesMax = this.#options.payloadBytesMax()
    if (message.byteLength > bytesMax) throw tooLong(message.byteLength, bytesMax)
    await this.#enqueue(DATA, message)
  }

  async end (): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#outgoing !== 'open') return
    this.#outgoing = 'ended'
    await this.#enqueue(END)
  }

  fail (error: CloudError): void {
    if (this.#closed) return
    if (this.#known) this.#put(ERROR, encodeError(error))
    this.abandon(error)
  }

  inPieces (): void {
    this.#takesPieces = true
  }

  /** The channel failed elsewhere: the other end said so, or the connection is over. */
  abandon (error: CloudError): void {
    if (this.#closed) return
    this.#failure = error
    this.#inbox.fail(error)
    for (const frame of this.#queue.splice(0)) frame.reject(error)
    this.#close(error)
  }

  /** The reader takes no more. */
  stop (): void {
    if (this.#closed || this.#incoming === 'ended') return
    this.#incoming = 'ended'
    this.#inbox.end()
    if (this.#known) this.#put(STOP)
    this.#closeWhenDone()
  }

  [Symbol.asyncIterator] (): AsyncIterator<Uint8Array> {
    return {
      next: async () => {
        const received = await this.#inbox.take()
        if (received === undefined) return { done: true, value: undefined }
        this.#grant(received.cost)
        return { done: false, value: received.bytes }
      },
      return: async () => {
        this.stop()
        return { done: true, value: undefined }
      }
    }
  }

  /** A message came, or a piece of one that `goesOn`. False: it is more than was granted. */
  receive (bytes: Uint8Array, goesOn: boolean): boolean {
    if (this.#incoming === 'ended') return true // sent before the other end knew
    const allowed = goesOn || this.#receivedBytes < this.#options.windowBytes
    const cost = bytes.byteLength + (goesOn ? 0 : MESSAGE_OVERHEAD)
    this.#receivedBytes += cost
    this.#inbox.put({ bytes, cost })
    return allowed
  }

  receiveEnd (): void {
    this.#incoming = 'ended'
    this.#inbox.end()
    this.#closeWhenDone()
  }

  receiveStop (): void {
    this.#outgoing = 'stopped'
    for (const frame of this.#queue.splice(0)) {
      if (frame.kind === END) frame.resolve()
      else frame.reject(this.#brokenPipe())
    }
    this.#closeWhenDone()
  }

  receiveCredit (bytes: number): void {
    this.#credit += bytes
    this.#sendQueue()
  }

  #enqueue (kind: number, payload?: Uint8Array, prefix?: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ kind, payload, prefix, resolve, reject })
      this.#sendQueue()
    })
  }

  #sendQueue (): void {
    const { outbox } = this.#options
    for (;;) {
      const frame = this.#queue[0]
      if (frame === undefined || (frame.kind === DATA && this.#credit <= 0)) return
      if (outbox.full) {
        this.#askForRoom()
        return
      }
      this.#queue.shift()
      this.#known = true
      if (frame.kind === DATA) this.#credit -= (frame.payload?.byteLength ?? 0) + MESSAGE_OVERHEAD
      this.#put(frame.kind, frame.payload, frame.prefix)
      frame.resolve()
      if (frame.kind === OPEN && this.#incoming === 'ended') this.#put(STOP)
      if (frame.kind === END) this.#closeWhenDone()
    }
  }

  #askForRoom (): void {
    if (this.#asksForRoom) return
    this.#asksForRoom = true
    this.#options.outbox.whenRoom(() => {
      this.#asksForRoom = false
      this.#sendQueue()
    })
  }

  #put (kind: number, payload?: Uint8Array, prefix?: Uint8Array): void {
    const { id, outbox, side } = this.#options
    outbox.put(kind | side, id, payload, prefix)
  }

  // Half a window at a time: few frames, and the sender never waits for one while the reader keeps up.
  #grant (bytes: number): void {
    if (this.#incoming === 'ended') return
    this.#takenBytes += bytes
    if (this.#takenBytes * 2 < this.#options.windowBytes) return
    this.#receivedBytes -= this.#takenBytes
    this.#put(CREDIT, uint32s(this.#takenBytes))
    this.#takenBytes = 0
  }

  #brokenPipe (): CloudError {
    return this.#outgoing === 'ended'
      ? new CloudError('EPIPE', 'This channel was ended here; open another to send more.')
      : new CloudError('EPIPE', 'The other end of this channel reads no more.')
  }

  #closeWhenDone (): void {
    const sendsNoMore = this.#outgoing === 'stopped' || (this.#outgoing === 'ended' && this.#queue.length === 0)
    if (sendsNoMore && this.#incoming === 'ended') this.#close()
  }

  #close (error?: CloudError): void {
    if (this.#closed) return
    this.#closed = true
    this.#options.onClosed(error)
  }
}

export function tooLong (bytes: number, bytesMax: number): CloudError {
  const message = `The message is ${bytes} bytes long and ${bytesMax} are allowed; send it in parts over a channel.`
  return new CloudError('E2BIG', message, { fields: { bytes, bytesMax } })
}

// Whoever reads or sends on the channel learns of it there.
function ignoreFailure (): void {}

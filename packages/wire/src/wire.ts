import {
  abortReason, CloudError, onAbort, type Channel, type Clock, type Handler, type Link, type LogFields, type Logger,
  type RequestOptions
} from '@welkin/interface'
import { decodeError } from './error-payload.ts'
import { FrameDecoder } from './frame-decoder.ts'
import {
  ANSWER, CANCEL, CREDIT, DATA, END, ERROR, HELLO, helloPayload, OPEN, readUint32, REPLY, REQUEST, STOP, VERSION
} from './frames.ts'
import { resolveLimits, type WireLimits } from './limits.ts'
import { Outbox } from './outbox.ts'
import type { Pipe } from './pipe.ts'
import type { Call } from './served-call.ts'
import { SentRequests, timeoutField } from './sent-requests.ts'
import { ServedCalls } from './served-calls.ts'
import { tooLong, WireChannel } from './wire-channel.ts'

export interface WireOptions {
  pipe: Pipe
  clock: Clock
  log: Logger
  /** Runs a function soon, after what is going on now: all frames till then go out in one write. */
  defer: (run: () => void) => void
  /** Answers the other end's calls; without it, they get ENOSYS. */
  handler?: Handler<Call> | undefined
  limits?: Partial<WireLimits> | undefined
  /** What log lines say besides, e.g. who the other end is. */
  about?: LogFields | undefined
}

/**
 * Calls both ways over one pipe (the protocol: frames.ts). Lives as long as the pipe does: when that ends, or the other
 * end breaks the protocol, all calls and channels reject, with ECONNRESET unless the pipe gave a CloudError of its own.
 * Payloads and messages that it hands out are views of what the pipe received: copy what is kept for long. Those
 * that it is given must not change until their promise settles.
 */
export class Wire implements Link {
  /** Resolves when the other end has said hello in the same version; rejects with whatever ended the wire before. */
  readonly ready: Promise<void>
  /** Settles once, with why the wire ended; never rejects. */
  readonly closed: Promise<CloudError>
  readonly #options: WireOptions
  readonly #limits: WireLimits
  readonly #outbox: Outbox
  readonly #decoder: FrameDecoder
  readonly #requests: SentRequests
  readonly #channels = new Map<number, WireChannel>()
  readonly #served: ServedCalls
  /** The longest payload that both ends take, once the other has said hello. */
  #payloadBytesMax: number
  #lastId = 0
  #greeted = false
  #ended: CloudError | undefined
  #resolveReady!: () => void
  #rejectReady!: (error: CloudError) => void
  #resolveClosed!: (error: CloudError) => void

  constructor (options: WireOptions) {
    const { clock, defer, log, pipe, handler = REFUSING_HANDLER } = options
    const limits = resolveLimits(options.limits)
    const payloadBytesMax = (): number => this.#payloadBytesMax
    this.#options = options
    this.#limits = limits
    this.#payloadBytesMax = limits.payloadBytesMax
    this.ready = new Promise((resolve, reject) => { this.#resolveReady = resolve; this.#rejectReady = reject })
    this.ready.catch(ignoreUnawaited)
    this.closed = new Promise(resolve => { this.#resolveClosed = resolve })
    this.#outbox = new Outbox(pipe, defer)
    this.#decoder = new FrameDecoder(limits.payloadBytesMax, {
      frame: (kind, id, payload, goesOn) => this.#receiveFrame(kind, id, payload, goesOn),
      takesPieces: (kind, id) => (kind & ~ANSWER) === DATA && this.#channelOf(kind, id)?.takesPieces === true
    })
    this.#requests = new SentRequests({
      clock, outbox: this.#outbox, requestsMax: limits.requestsMax, drawId: () => this.#drawId()
    })
    this.#served = new ServedCalls({ clock, outbox: this.#outbox, handler, limits, payloadBytesMax, log })
    this.#outbox.put(HELLO, 0, helloPayload(limits.payloadBytesMax))
    pipe.open({
      received: bytes => this.#receive(bytes),
      drained: () => { if (this.#ended === undefined) this.#outbox.drained() },
      ended: reason => this.#end(reason instanceof CloudError ? reason : connectionReset(reason))
    })
  }

  /** Whether it ended; then every call rejects with why. */
  get ended (): boolean {
    return this.#ended !== undefined
  }

  /** Whether nothing is under way, in either direction. */
  get idle (): boolean {
    return !this.waits && this.#served.idle
  }

  /** Whether an own call is unanswered. */
  get waits (): boolean {
    return !this.#requests.idle || this.#channels.size > 0
  }

  request (payload: Uint8Array, options: RequestOptions = {}): Promise<Uint8Array> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const bytesMax = this.#payloadBytesMax
    if (payload.byteLength > bytesMax) return Promise.reject(tooLong(payload.byteLength, bytesMax))
    return this.#requests.request(payload, options)
  }

  open (payload: Uint8Array, options: RequestOptions = {}): Channel {
    const id = this.#drawId()
    let forget = nothing
    const channel = new WireChannel({
      id,
      side: 0,
      outbox: this.#outbox,
      windowBytes: this.#limits.windowBytes,
      payloadBytesMax: () => this.#payloadBytesMax,
      onClosed: () => {
        this.#channels.delete(id)
        forget()
      }
    }, 0)
    const refusal = this.#ended ?? this.#whyNotOpen(payload, options.signal)
    if (refusal !== undefined) {
      channel.abandon(refusal)
      return channel
    }
    this.#channels.set(id, channel)
    forget = this.#limitInTime(channel, options)
    channel.open(timeoutField(options.timeoutMs), payload)
    return channel
  }

  /** Sends what is queued and ends the pipe; whatever is unanswered, at both ends, rejects with ECONNRESET. */
  close (): void {
    if (this.#ended !== undefined) return
    this.#outbox.flush()
    this.#end(new CloudError('ECONNRESET', 'This end closed the connection; connect again to go on.'))
    this.#options.pipe.close()
  }

  #whyNotOpen (payload: Uint8Array, signal: AbortSignal | undefined): CloudError | undefined {
    const { channelsMax } = this.#limits
    if (signal?.aborted === true) return abortReason(signal)
    if (payload.byteLength > this.#payloadBytesMax) return tooLong(payload.byteLength, this.#payloadBytesMax)
    if (this.#channels.size < channelsMax) return undefined
    return new CloudError('EAGAIN', `This connection carries at most ${channelsMax} channels at a time; end one first.`,
      { fields: { limit: channelsMax } })
  }

  /** Fails the channel when its time is over or its opener gives up; returns what ends the watch for both. */
  #limitInTime (channel: Channel, { timeoutMs, signal }: RequestOptions): () => void {
    const cancelTimer = timeoutMs === undefined ? nothing : this.#options.clock.after(timeoutMs, () => {
      const message = `The channel was not done within ${Math.round(timeoutMs)} ms; open it with more time.`
      channel.fail(new CloudError('ETIMEDOUT', message, { fields: { timeoutMs } }))
    })
    const ignoreAbort = onAbort(signal, reason => channel.fail(reason))
    return () => {
      cancelTimer()
      ignoreAbort()
    }
  }

  #drawId (): number {
    do this.#lastId = this.#lastId === 0xffffffff ? 1 : this.#lastId + 1
    while (this.#requests.has(this.#lastId) || this.#channels.has(this.#lastId))
    return this.#lastId
  }

  #receive (bytes: Uint8Array): void {
    if (this.#ended !== undefined) return
    try {
      this.#decoder.push(bytes)
      if (this.#outbox.bytes > this.#limits.backlogBytesMax) {
        throw new CloudError('EPROTO', 'The other end asks and does not read the answers.')
      }
    } catch (error) {
      if (!(error instanceof CloudError)) throw error // a bug: let the node crash
      this.#refuse(error)
    }
  }

  #receiveFrame (kind: number, id: number, payload: Uint8Array, goesOn: boolean): void {
    if (this.#ended !== undefined) return
    if (!this.#greeted) {
      this.#receiveHello(kind, payload)
      return
    }
    switch (kind) {
      case REQUEST: return this.#served.request(id, payload)
      case CANCEL: return this.#served.cancel(id)
      case OPEN: return this.#served.open(id, payload)
      case REPLY | ANSWER: return this.#requests.settle(id, payload)
      case ERROR | ANSWER: return this.#receiveError(id, payload)
      case ERROR: return this.#served.channel(id)?.abandon(decodeError(payload))
      default: this.#receiveChannelFrame(kind & ~ANSWER, this.#channelOf(kind, id), payload, goesOn)
    }
  }

  #channelOf (kind: number, id: number): WireChannel | undefined {
    return (kind & ANSWER) === 0 ? this.#served.channel(id) : this.#channels.get(id)
  }

  #receiveHello (kind: number, payload: Uint8Array): void {
    if (kind !== HELLO || payload.byteLength < 2) {
      throw new CloudError('EPROTO', 'The other end did not say hello first.')
    }
    const version = ((payload[0] as number) << 8) | (payload[1] as number)
    if (version !== VERSION || payload.byteLength < 6) {
      const message = `The other end speaks version ${version} of the protocol and this one version ${VERSION}; ` +
        'install the same version of Welkin on both.'
      throw new CloudError('EPROTO', message, { fields: { version, expected: VERSION } })
    }
    this.#greeted = true
    this.#payloadBytesMax = Math.min(this.#limits.payloadBytesMax, readUint32(payload, 2))
    this.#resolveReady()
  }

  #receiveError (id: number, payload: Uint8Array): void {
    const error = decodeError(payload)
    const channel = this.#channels.get(id)
    if (channel === undefined) this.#requests.settle(id, payload, error)
    else channel.abandon(error)
  }

  #receiveChannelFrame (
    kind: number, channel: WireChannel | undefined, payload: Uint8Array, goesOn: boolean
  ): void {
    switch (kind) {
      case DATA:
        if (channel === undefined || channel.receive(payload, goesOn)) return
        throw new CloudError('EPROTO', 'The other end sent more than it was granted.')
      case END: return channel?.receiveEnd()
      case STOP: return channel?.receiveStop()
      case CREDIT:
        if (payload.byteLength !== 4) throw new CloudError('EPROTO', 'A CREDIT frame is not 4 bytes long.')
        return channel?.receiveCredit(readUint32(payload, 0))
      default:
        throw new CloudError('EPROTO', `There is no frame of kind ${kind} here.`)
    }
  }

  // The other end broke the protocol. It still gets what is queued: our hello tells it of another version.
  #refuse (error: CloudError): void {
    const { about, log, pipe } = this.#options
    log.warn('wire.connection_refused', { ...about, code: error.code, reason: error.message })
    this.#outbox.flush()
    this.#end(error)
    pipe.close()
  }

  #end (error: CloudError): void {
    if (this.#ended !== undefined) return
    this.#ended = error
    this.#requests.fail(error)
    for (const channel of this.#channels.values()) channel.abandon(error)
    this.#served.fail(error)
    this.#rejectReady(error)
    this.#resolveClosed(error)
  }
}

const REFUSING_HANDLER: Handler<Call> = {
  request: () => Promise.reject(notServed()),
  channel: () => Promise.reject(notServed())
}

function notServed (): CloudError {
  return new CloudError('ENOSYS', 'This end of the connection only asks; it answers no calls.')
}

function connectionReset (cause: unknown): CloudError {
  const message = 'The connection ended before the answer came; whether the call was carried out is not known.'
  return new CloudError('ECONNRESET', message, { cause })
}

// Whoever wants to know awaits `ready`; all others learn why the wire ended from their calls.
function ignoreUnawaited (): void {}

function nothing (): void {}

import { CloudError, reviveError, toErrorRecord, type Clock, type Handler, type Logger } from '@welkin/interface'
import { encodeError } from './error-payload.ts'
import { ANSWER, ERROR, readUint32, REPLY } from './frames.ts'
import type { WireLimits } from './limits.ts'
import type { Outbox } from './outbox.ts'
import { ServedCall, type Call } from './served-call.ts'
import { tooLong, WireChannel } from './wire-channel.ts'

export interface ServedCallsOptions {
  clock: Clock
  outbox: Outbox
  handler: Handler<Call>
  limits: WireLimits
  payloadBytesMax: () => number
  log: Logger
}

/** Calls of the other end, until they are answered. */
export class ServedCalls {
  readonly #options: ServedCallsOptions
  readonly #requests = new Map<number, ServedCall>()
  readonly #channels = new Map<number, WireChannel>()
  #requestBytes = 0

  constructor (options: ServedCallsOptions) {
    this.#options = options
  }

  /** Whether none is unanswered. */
  get idle (): boolean {
    return this.#requests.size === 0 && this.#channels.size === 0
  }

  /** Answers a REQUEST. Throws EPROTO for what is not well formed. */
  request (id: number, payload: Uint8Array): void {
    const { clock, limits } = this.#options
    const call = new ServedCall(clock, this.#begin(id, payload, 4))
    if (this.#requests.size >= limits.requestsMax) this.#refuse(id, 'requests', limits.requestsMax)
    else if (this.#requestBytes + payload.byteLength > limits.requestBytesMax) {
      this.#refuse(id, 'bytes of requests', limits.requestBytesMax)
    }
    else void this.#serve(id, payload.subarray(4), call)
  }

  /** The caller of request `id` waits no longer. */
  cancel (id: number): void {
    this.#requests.get(id)?.abort(new CloudError('ECANCELED', 'The caller took the request back.'))
  }

  /** Answers an OPEN. Throws EPROTO for what is not well formed. */
  open (id: number, payload: Uint8Array): void {
    const { clock, limits, outbox, payloadBytesMax } = this.#options
    const call = new ServedCall(clock, this.#begin(id, payload, 8))
    if (this.#channels.size >= limits.channelsMax) {
      this.#refuse(id, 'channels', limits.channelsMax)
      return
    }
    const channel = new WireChannel({
      id,
      side: ANSWER,
      outbox,
      windowBytes: limits.windowBytes,
      payloadBytesMax,
      onClosed: error => {
        this.#channels.delete(id)
        if (error !== undefined) call.abort(error)
      }
    }, readUint32(payload, 4))
    this.#channels.set(id, channel)
    channel.accept()
    void this.#serveChannel(payload.subarray(8), channel, call)
  }

  channel (id: number): WireChannel | undefined {
    return this.#channels.get(id)
  }

  /** The connection is over. */
  fail (error: CloudError): void {
    for (const call of this.#requests.values()) call.abort(error)
    for (const channel of this.#channels.values()) channel.abandon(error)
  }

  // What a call begins with, checked: its timeout.
  #begin (id: number, payload: Uint8Array, prefixBytes: number): number | undefined {
    if (payload.byteLength < prefixBytes) throw new CloudError('EPROTO', 'A call is shorter than its fixed part.')
    if (this.#requests.has(id) || this.#channels.has(id)) {
      throw new CloudError('EPROTO', 'A call uses the id of another.')
    }
    const timeoutMs = readUint32(payload, 0)
    return timeoutMs === 0 ? undefined : timeoutMs
  }

  #refuse (id: number, what: string, limit: number): void {
    const message = `This connection carries at most ${limit} ${what} at a time; try again when others are answered.`
    this.#options.outbox.put(ERROR | ANSWER, id, encodeError(new CloudError('EAGAIN', message, { fields: { limit } })))
  }

  async #serve (id: number, payload: Uint8Array, call: ServedCall): Promise<void> {
    const { handler, outbox, payloadBytesMax } = this.#options
    this.#requests.set(id, call)
    this.#requestBytes += payload.byteLength
    let kind = REPLY
    let reply: Uint8Array
    try {
      reply = await handler.request(payload, call)
      if (reply.byteLength > payloadBytesMax()) throw tooLong(reply.byteLength, payloadBytesMax())
    } catch (error) {
      kind = ERROR
      reply = encodeError(this.#faultOf(error))
    }
    const answer = (): void => {
      call.done()
      this.#requests.delete(id)
      this.#requestBytes -= payload.byteLength
      if (!call.aborted) outbox.put(kind | ANSWER, id, reply)
    }
    // A request is in flight until its answer is: so an end that asks and does not read gets no more answers made.
    if (outbox.full && !call.aborted) outbox.whenRoom(answer)
    else answer()
  }

  async #serveChannel (payload: Uint8Array, channel: WireChannel, call: ServedCall): Promise<void> {
    try {
      await this.#options.handler.channel(payload, channel, call)
      channel.stop()
      await channel.end()
    } catch (error) {
      channel.fail(this.#faultOf(error))
    }
    call.done()
  }

  /** What the caller learns of it; a bug is for the log alone. */
  #faultOf (error: unknown): CloudError {
    if (error instanceof CloudError) return error
    this.#options.log.error('wire.handler_failed', { error })
    return reviveError(toErrorRecord(error))
  }
}

import { abortReason, CloudError, onAbort, type Cancel, type Clock, type RequestOptions } from '@welkin/interface'
import { CANCEL, REQUEST, uint32s } from './frames.ts'
import type { Outbox } from './outbox.ts'

/** Longest time that a frame can say; longer ones go as this. */
const TIMEOUT_MS_MAX = 2 ** 32 - 1

/** A request until it is settled. */
interface SentRequest {
  /** 0 until it is sent. */
  id: number
  readonly payload: Uint8Array
  readonly deadlineMs: number | undefined
  readonly resolve: (reply: Uint8Array) => void
  readonly reject: (error: CloudError) => void
  forget: () => void
}

export interface SentRequestsOptions {
  clock: Clock
  outbox: Outbox
  requestsMax: number
  drawId: () => number
}

/** Requests of this end: those that wait to be sent, in order, and those that wait for an answer. */
export class SentRequests {
  readonly #options: SentRequestsOptions
  readonly #pending = new Map<number, SentRequest>()
  readonly #waiting = new Set<SentRequest>()
  #asksForRoom = false

  constructor (options: SentRequestsOptions) {
    this.#options = options
  }

  /** Whether none is unanswered. */
  get idle (): boolean {
    return this.#pending.size === 0 && this.#waiting.size === 0
  }

  has (id: number): boolean {
    return this.#pending.has(id)
  }

  request (payload: Uint8Array, { timeoutMs, signal }: RequestOptions): Promise<Uint8Array> {
    if (signal?.aborted === true) return Promise.reject(abortReason(signal))
    const { clock } = this.#options
    return new Promise((resolve, reject) => {
      const deadlineMs = timeoutMs === undefined ? undefined : clock.monotonicMs() + timeoutMs
      const request: SentRequest = { id: 0, payload, deadlineMs, resolve, reject, forget: nothing }
      if (timeoutMs !== undefined || signal !== undefined) this.#limitInTime(request, timeoutMs, signal)
      this.#waiting.add(request)
      this.#sendWaiting()
    })
  }

  /** The answer to `id` came; undefined `error`: it is `reply`. */
  settle (id: number, reply: Uint8Array, error?: CloudError): void {
    const request = this.#pending.get(id)
    if (request === undefined) return // given up meanwhile
    this.#pending.delete(id)
    request.forget()
    if (error === undefined) request.resolve(reply)
    else request.reject(error)
    if (this.#waiting.size > 0) this.#sendWaiting()
  }

  /** The connection is over. */
  fail (error: CloudError): void {
    const all = [...this.#pending.values(), ...this.#waiting]
    this.#pending.clear()
    this.#waiting.clear()
    for (const request of all) {
      request.forget()
      request.reject(error)
    }
  }

  #limitInTime (request: SentRequest, timeoutMs: number | undefined, signal: AbortSignal | undefined): void {
    let cancelTimer: Cancel | undefined
    if (timeoutMs !== undefined) {
      cancelTimer = this.#options.clock.after(timeoutMs, () => {
        const message = `No answer came within ${Math.round(timeoutMs)} ms; ask again with more time.`
        this.#giveUp(request, new CloudError('ETIMEDOUT', message, { fields: { timeoutMs } }))
      })
    }
    const ignoreAbort = onAbort(signal, reason => this.#giveUp(request, reason))
    request.forget = () => {
      cancelTimer?.()
      ignoreAbort()
    }
  }

  #giveUp (request: SentRequest, error: CloudError): void {
    request.forget()
    if (this.#pending.delete(request.id)) this.#options.outbox.put(CANCEL, request.id)
    this.#waiting.delete(request)
    request.reject(error)
    this.#sendWaiting()
  }

  #sendWaiting (): void {
    const { outbox, requestsMax } = this.#options
    for (const request of this.#waiting) {
      if (this.#pending.size >= requestsMax) return
      if (outbox.full) {
        this.#askForRoom()
        return
      }
      this.#waiting.delete(request)
      this.#send(request)
    }
  }

  #askForRoom (): void {
    if (this.#asksForRoom) return
    this.#asksForRoom = true
    this.#options.outbox.whenRoom(() => {
      this.#asksForRoom = false
      this.#sendWaiting()
    })
  }

  #send (request: SentRequest): void {
    const { clock, drawId, outbox } = this.#options
    request.id = drawId()
    this.#pending.set(request.id, request)
    const leftMs = request.deadlineMs === undefined ? undefined : request.deadlineMs - clock.monotonicMs()
    outbox.put(REQUEST, request.id, request.payload, uint32s(timeoutField(leftMs)))
  }
}

/** A time as a frame says it: whole milliseconds, at least 1; 0: as long as it takes. */
export function timeoutField (timeoutMs: number | undefined): number {
  return timeoutMs === undefined ? 0 : Math.min(TIMEOUT_MS_MAX, Math.max(1, Math.ceil(timeoutMs)))
}

function nothing (): void {}

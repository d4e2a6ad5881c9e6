import {
  CloudError, onAbort, reviveError, toErrorRecord,
  type Cancel, type Handler, type Incoming, type NodeId, type RequestOptions
} from '@welkin/interface'
import type { Dependant, End } from './connection.ts'
import type { Host } from './host.ts'

/** What one message may carry, as on a real wire. */
const PAYLOAD_BYTES_MAX = 4 * 1024 * 1024

export const EMPTY = new Uint8Array()

/** A call as its caller states it. */
export interface Call extends RequestOptions { host: Host, peer: NodeId, protocol: string, payload: Uint8Array }

/** The error for a payload that is too large to be sent, if it is. */
export function sizeError (payload: Uint8Array): CloudError | undefined {
  if (payload.byteLength <= PAYLOAD_BYTES_MAX) return undefined
  return new CloudError('E2BIG', `A message has at most ${PAYLOAD_BYTES_MAX} bytes; send several over a channel.`)
}

/** Calls `giveUp` when the caller's time or patience is over, until it is cancelled. */
export function watchPatience (call: Call, giveUp: (error: CloudError) => void): Cancel {
  const { host, peer, protocol, timeoutMs, signal } = call
  const cancel = timeoutMs === undefined ? undefined : host.clock.after(timeoutMs, () => {
    const message = `${peer} did not finish ${protocol} within ${Math.round(timeoutMs)} ms; ask again with more time.`
    giveUp(new CloudError('ETIMEDOUT', message, { fields: { timeoutMs, peer } }))
  })
  const ignoreAbort = onAbort(signal, giveUp)
  return () => {
    cancel?.()
    ignoreAbort()
  }
}

/** The handler of a protocol. Throws ENOSYS. */
export function handlerOf (host: Host, protocol: string): Handler {
  const handler = host.handlers.get(protocol)
  if (handler !== undefined) return handler
  throw new CloudError('ENOSYS', `${host.name} does not serve ${protocol}; it may run another version.`)
}

/** What the caller gets to see of whatever a handler threw. */
export function crossed (host: Host, protocol: string, error: unknown): CloudError {
  if (!(error instanceof CloudError)) host.log.error('transport.handler_failed', { protocol, error })
  return reviveError(toErrorRecord(error))
}

/** A call as its handler sees it. */
export class ServedCall implements Incoming, Dependant {
  readonly peer: NodeId
  readonly timeoutMs: number | undefined
  readonly #end: End
  readonly #dueMs: number
  #controller: AbortController | undefined
  #aborted: CloudError | undefined
  #cancelTimer: Cancel | undefined

  constructor (end: End, timeoutMs: number | undefined) {
    this.peer = end.peer
    this.timeoutMs = timeoutMs
    this.#end = end
    this.#dueMs = end.host.clock.monotonicMs() + (timeoutMs ?? Number.POSITIVE_INFINITY)
    end.dependants.add(this)
  }

  get aborted (): boolean {
    return this.#aborted !== undefined
  }

  // Few handlers look at it, and a signal costs more than all the rest of a call.
  get signal (): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted)
      else if (this.timeoutMs !== undefined) this.#startTimer()
    }
    return this.#controller.signal
  }

  abort (error: CloudError): void {
    if (this.#aborted !== undefined) return
    this.#aborted = error
    this.finish()
    this.#controller?.abort(error)
  }

  lost (error: CloudError): void {
    this.abort(error)
  }

  /** The handler has returned. */
  finish (): void {
    this.#cancelTimer?.()
    this.#end.dependants.delete(this)
  }

  #startTimer (): void {
    const { clock } = this.#end.host
    this.#cancelTimer = clock.after(this.#dueMs - clock.monotonicMs(), () => {
      this.abort(new CloudError('ETIMEDOUT', 'The caller waits no longer.'))
    })
  }
}

import {
  abortReason, CloudError, reviveError, toErrorRecord,
  type Channel, type Clock, type Handler, type Link, type RequestOptions
} from '@welkin/interface'
import { channelPair } from './channel-pair.ts'
import { withDeadline } from './deadline.ts'

/** What a handler learns of a call that came from within. */
export interface LocalArrival {
  readonly signal: AbortSignal
  readonly timeoutMs: number | undefined
}

/** A link to a handler in the same process, with the manners of one to another machine. */
export class LocalLink implements Link {
  readonly #handler: Handler<LocalArrival>
  readonly #clock: Clock

  constructor (handler: Handler<LocalArrival>, clock: Clock) {
    this.#handler = handler
    this.#clock = clock
  }

  async request (payload: Uint8Array, { timeoutMs, signal }: RequestOptions = {}): Promise<Uint8Array> {
    return await withDeadline(this.#clock, { timeoutMs, signal, what: 'The request' }, async inner => {
      try {
        return await this.#handler.request(payload, { signal: inner, timeoutMs })
      } catch (error) {
        throw crossed(error)
      }
    })
  }

  open (payload: Uint8Array, { timeoutMs, signal }: RequestOptions = {}): Channel {
    const [near, far] = channelPair()
    void withDeadline(this.#clock, { timeoutMs, signal, what: 'The channel' }, async inner => {
      inner.addEventListener('abort', () => near.fail(abortReason(inner)), { once: true })
      await this.#handler.channel(payload, far, { signal: inner, timeoutMs })
      await far.end()
    }).catch((error: unknown) => {
      far.fail(crossed(error))
    })
    return near
  }
}

/** An error as it would arrive from another machine. */
function crossed (error: unknown): CloudError {
  return error instanceof CloudError ? error : reviveError(toErrorRecord(error))
}

import { backOffMs, sleep } from '@welkin/async'
import {
  CloudError, isCloudError, type ByteStream, type Channel, type Clock, type Logger, type Random
} from '@welkin/interface'
import { isLostForGood } from '@welkin/resumable'
import { joined } from './joined.ts'

const AGAIN = { firstMs: 50, maxMs: 2000, factor: 2 }

/** Connects again to where the object is now; resolves when its node knows the session. */
export type Reconnect = (signal: AbortSignal) => Promise<Channel>

/** The end that dials: makes a new connection whenever one breaks. */
export class Mending {
  readonly #ports: { clock: Clock, log: Logger, random: Random }
  readonly #graceMs: number

  constructor (ports: { clock: Clock, log: Logger, random: Random }, graceMs: number) {
    this.#ports = ports
    this.#graceMs = graceMs
  }

  /** Resolves when the conversation is over. Rejects ECONNRESET where it could not be gone on with. */
  async talk (local: ByteStream, first: Channel, reconnect: Reconnect): Promise<void> {
    const session = joined(local)
    const giveUp = new AbortController()
    session.over.catch((error: unknown) => { giveUp.abort(error) })
    for (let connection = first; ;) {
      await session.attach(connection)
      if (session.isOver) return await session.over
      try {
        connection = await this.#again(reconnect, giveUp.signal)
      } catch (error) {
        if (!isCloudError(error)) throw error
        session.fail(error)
        throw error
      }
    }
  }

  async #again (reconnect: Reconnect, signal: AbortSignal): Promise<Channel> {
    const { clock, log, random } = this.#ports
    const brokenMs = clock.monotonicMs()
    for (let tries = 0; ; tries++) {
      try {
        return await reconnect(signal)
      } catch (error) {
        if (!isCloudError(error) || signal.aborted) throw error
        log.debug('communication.conversation_not_mended', { tries, code: error.code })
        const isLost = isLostForGood(error)
        if (!isLost && clock.monotonicMs() - brokenMs < this.#graceMs) {
          await sleep(clock, backOffMs(AGAIN, tries, random), { signal })
          continue
        }
        const why = isLost ? 'the other end knows nothing of it any more' : `${this.#graceMs} ms were not enough`
        const message = `The conversation broke off and could not be gone on with: ${why}; begin another.`
        throw new CloudError('ECONNRESET', message, { cause: error, fields: { code: error.code } })
      }
    }
  }
}

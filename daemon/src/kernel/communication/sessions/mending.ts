import {
  isCloudError, type ByteStream, type Channel, type Clock, type CloudError, type Logger, type Random
} from '@welkin/interface'
import { reconnect } from '@welkin/resumable'
import { joined } from './joined.ts'

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
  async talk (local: ByteStream, first: Channel, connect: Reconnect): Promise<void> {
    const { log } = this.#ports
    const session = joined(local)
    const giveUp = new AbortController()
    session.over.catch((error: unknown) => { giveUp.abort(error) })
    const { signal } = giveUp
    const ports = {
      ...this.#ports,
      onFault: ({ code }: CloudError, tries: number) => {
        log.debug('communication.conversation_not_mended', { tries, code })
      }
    }
    for (let connection = first; ;) {
      await session.attach(connection)
      if (session.isOver) return await session.over
      try {
        connection = await reconnect(ports, async () => await connect(signal), { graceMs: this.#graceMs, signal })
      } catch (error) {
        if (!isCloudError(error)) throw error
        session.fail(error)
        throw error
      }
    }
  }
}

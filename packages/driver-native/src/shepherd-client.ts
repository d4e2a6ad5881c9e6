import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { CloudError, isCloudError, type AbortOptions, type Clock, type Logger } from '@welkin/interface'
import { connectUnix, type UnixConnection } from '@welkin/link-unix'
import { launchShepherd } from './launch-shepherd.ts'
import {
  decodeMessage, encodeMessage, JOURNAL_NAME, SOCKET_NAME, type Answers, type News, type Order, type ShepherdOptions
} from './protocol.ts'

export interface ShepherdClientOptions {
  directory: string
  shepherd: ShepherdOptions
  clock: Clock
  log: Logger
  onNews (news: News): void
  /** The connection broke: the shepherd has died, or something is wrong with it. */
  onLost (): void
}

/** The driver's end of the connection to its shepherd, who is found or started when there is something to ask. */
export class ShepherdClient {
  readonly #options: ShepherdClientOptions
  #connection: Promise<UnixConnection> | undefined
  #closed = false

  constructor (options: ShepherdClientOptions) {
    this.#options = options
  }

  /** Whether there ever was a shepherd here; without one, nothing is known of any task. */
  async hasHistory (): Promise<boolean> {
    if (this.#connection !== undefined) return true
    try {
      await access(join(this.#options.directory, JOURNAL_NAME))
      return true
    } catch {
      return false
    }
  }

  /**
   * Rejects as the shepherd answers, ECONNRESET when it died meanwhile, ECANCELED after `close`. `tail`: bytes that go
   * with the order.
   */
  async ask<Call extends Order['call']> (
    order: Extract<Order, { call: Call }>, { signal, tail }: AbortOptions & { tail?: Uint8Array } = {}
  ): Promise<{ answer: Answers[Call], tail: Uint8Array }> {
    if (this.#closed) throw new CloudError('ECANCELED', 'The driver was stopped; ask the one of its next life.')
    const { link } = await (this.#connection ??= this.#connect())
    const message = tail === undefined ? encodeMessage(order) : encodeMessage(order, tail)
    const { head, tail: answerTail } = decodeMessage<Answers[Call]>(await link.request(message, { signal }))
    return { answer: head, tail: answerTail }
  }

  /** Lets go of the shepherd. */
  async close (): Promise<void> {
    this.#closed = true
    const connection = await this.#connection?.catch(() => undefined)
    connection?.close()
  }

  async #connect (): Promise<UnixConnection> {
    const { directory, onLost, shepherd } = this.#options
    try {
      let connection = await this.#findShepherd()
      if (connection === undefined) {
        await launchShepherd(directory, shepherd)
        connection = await this.#dial()
      }
      void connection.closed.then(() => {
        this.#connection = undefined
        if (!this.#closed) onLost()
      })
      return connection
    } catch (error) {
      this.#connection = undefined
      throw error
    }
  }

  async #findShepherd (): Promise<UnixConnection | undefined> {
    try {
      return await this.#dial()
    } catch (error) {
      if (isCloudError(error, 'ENOENT', 'EHOSTDOWN')) return undefined
      throw error
    }
  }

  async #dial (): Promise<UnixConnection> {
    const { clock, directory, log, onNews } = this.#options
    return await connectUnix({
      path: join(directory, SOCKET_NAME),
      clock,
      log,
      handler: {
        request: async payload => {
          onNews(decodeMessage<News>(payload).head)
          return NOTHING
        },
        channel: async () => {}
      }
    })
  }
}

const NOTHING = new Uint8Array(0)

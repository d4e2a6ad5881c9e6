import { CloudError, type Channel } from '@welkin/interface'
import { Mailbox } from './mailbox.ts'

const MESSAGES_MAX = 16

/** The two ends of a channel within one process; each end holds at most a few messages that were not read yet. */
export function channelPair (): [Channel, Channel] {
  const there = new HalfChannel()
  const back = new HalfChannel()
  return [new LocalChannel(there, back), new LocalChannel(back, there)]
}

/** One direction. */
class HalfChannel {
  readonly #messages = new Mailbox<Uint8Array>()
  #waiting: Array<() => void> = []
  #failure: CloudError | undefined
  #ended = false

  async send (message: Uint8Array): Promise<void> {
    while (this.#messages.size >= MESSAGES_MAX && this.#failure === undefined) {
      await new Promise<void>(resolve => { this.#waiting.push(resolve) })
    }
    if (this.#failure !== undefined) throw this.#failure
    if (this.#ended) throw new CloudError('EPIPE', 'This end has said that it sends no more.')
    this.#messages.put(message)
  }

  end (): void {
    this.#ended = true
    this.#messages.end()
  }

  fail (error: CloudError): void {
    if (this.#failure !== undefined || (this.#ended && this.#messages.size === 0)) return
    this.#failure = error
    this.#messages.fail(error)
    this.#wake()
  }

  async take (): Promise<Uint8Array | undefined> {
    const message = await this.#messages.take()
    this.#wake()
    return message
  }

  #wake (): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

class LocalChannel implements Channel {
  readonly #outgoing: HalfChannel
  readonly #incoming: HalfChannel

  constructor (outgoing: HalfChannel, incoming: HalfChannel) {
    this.#outgoing = outgoing
    this.#incoming = incoming
  }

  async send (message: Uint8Array): Promise<void> {
    await this.#outgoing.send(message)
  }

  async end (): Promise<void> {
    this.#outgoing.end()
  }

  fail (error: CloudError): void {
    this.#outgoing.fail(error)
    this.#incoming.fail(error)
  }

  async * [Symbol.asyncIterator] (): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const message = await this.#incoming.take()
        if (message === undefined) return
        yield message
      }
    } finally {
      this.#incoming.fail(new CloudError('EPIPE', 'The other end reads no more.'))
    }
  }
}

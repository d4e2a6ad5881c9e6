import { Condition } from '@welkin/async'
import { CloudError, type ByteStream } from '@welkin/interface'

/** Bytes that one side may send before the other takes any. */
const ROOM_BYTES = 64 * 1024

/** A stream of bytes within one process: its two ends. */
export function streamPair (): [ByteStream, ByteStream] {
  const there = new Direction()
  const back = new Direction()
  const fail = (error: CloudError): void => {
    there.fail(error)
    back.fail(error)
  }
  return [endOf(there, back, fail), endOf(back, there, fail)]
}

function endOf (out: Direction, into: Direction, fail: (error: CloudError) => void): ByteStream {
  return {
    send: async message => await out.send(message),
    end: async () => out.end(),
    fail,
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const value = await into.take()
        return value === undefined ? { done: true, value } : { done: false, value }
      },
      return: async () => ({ done: true, value: undefined })
    })
  }
}

/** One way of it. */
class Direction {
  readonly #messages: Uint8Array[] = []
  readonly #change = new Condition()
  #bytes = 0
  #ended = false
  #failure: CloudError | undefined

  async send (message: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#ended) throw new CloudError('EPIPE', 'This direction was ended.')
    if (message.byteLength === 0) return
    this.#messages.push(message.slice())
    this.#bytes += message.byteLength
    this.#change.notifyAll()
    while (this.#bytes >= ROOM_BYTES && this.#failure === undefined) await this.#change.wait()
    if (this.#failure !== undefined) throw this.#failure
  }

  async take (): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      const message = this.#messages.shift()
      if (message !== undefined) {
        this.#bytes -= message.byteLength
        this.#change.notifyAll()
        return message
      }
      if (this.#ended) return undefined
      await this.#change.wait()
    }
  }

  end (): void {
    this.#ended = true
    this.#change.notifyAll()
  }

  fail (error: CloudError): void {
    this.#failure ??= error
    this.#change.notifyAll()
  }
}

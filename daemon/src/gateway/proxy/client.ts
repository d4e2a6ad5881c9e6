import { concatBytes } from '@welkin/async'
import { CloudError, type ByteStream } from '@welkin/interface'

/** What a client has to say before it is known whom it wants. */
const OPENING_BYTES_MAX = 32 * 1024

/** A client that first says, message by message, whom it wants. */
export class Client {
  readonly stream: ByteStream
  readonly #pieces: AsyncIterator<Uint8Array>
  #left: Uint8Array = new Uint8Array(0)

  constructor (stream: ByteStream) {
    this.stream = stream
    this.#pieces = stream[Symbol.asyncIterator]()
  }

  /** What has come and was not read. */
  get left (): Uint8Array {
    return this.#left
  }

  /** The first byte of what comes. */
  async peek (): Promise<number> {
    while (this.#left.byteLength === 0) await this.#more()
    return this.#left[0] as number
  }

  /** Reads a message by `read`, which gives undefined as long as not all has come. Rejects E2BIG, EPROTO (the end). */
  async take<T extends { usedBytes: number }> (read: (bytes: Uint8Array) => T | undefined): Promise<T> {
    for (;;) {
      const message = read(this.#left)
      if (message !== undefined) {
        this.#left = this.#left.subarray(message.usedBytes)
        return message
      }
      if (this.#left.byteLength > OPENING_BYTES_MAX) {
        throw new CloudError('E2BIG', `What says whom is wanted is longer than ${OPENING_BYTES_MAX} bytes.`)
      }
      await this.#more()
    }
  }

  async #more (): Promise<void> {
    const { done, value } = await this.#pieces.next()
    if (done === true) throw new CloudError('EPROTO', 'The client ended before it had said whom it wants.')
    this.#left = concatBytes([this.#left, value])
  }
}

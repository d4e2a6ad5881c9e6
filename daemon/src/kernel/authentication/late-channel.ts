import { isCloudError, type Channel, type CloudError } from '@welkin/interface'

/** A channel that is still to be opened: what is done to it waits, and where it cannot be opened, fails. */
export class LateChannel implements Channel {
  readonly #opening: Promise<Channel>

  constructor (opening: Promise<Channel>) {
    this.#opening = opening
    opening.catch(() => { /* told by whatever is done to it */ })
  }

  async send (message: Uint8Array): Promise<void> {
    await (await this.#opening).send(message)
  }

  async end (): Promise<void> {
    await (await this.#opening).end()
  }

  fail (error: CloudError): void {
    void this.#failOpened(error)
  }

  async #failOpened (error: CloudError): Promise<void> {
    try {
      const opened = await this.#opening
      opened.fail(error)
    } catch (failure) {
      if (!isCloudError(failure)) throw failure
    }
  }

  async * [Symbol.asyncIterator] (): AsyncGenerator<Uint8Array> {
    yield * await this.#opening
  }
}

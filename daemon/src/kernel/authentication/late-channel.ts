import type { Channel, CloudError } from '@welkin/interface'

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

  inPieces (): void {
    this.#opening.then(channel => channel.inPieces?.(), () => { /* see above */ })
  }

  async #failOpened (reason: CloudError): Promise<void> {
    const [opened] = await Promise.allSettled([this.#opening])
    if (opened.status === 'fulfilled') opened.value.fail(reason)
  }

  async * [Symbol.asyncIterator] (): AsyncGenerator<Uint8Array> {
    yield * await this.#opening
  }
}

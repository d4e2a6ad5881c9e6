import { CloudError, isCloudError, type Cancel, type NodeId, type Transport } from '@welkin/interface'

/** The member through which the cloud is reached: the first that answers, and another when it is lost. */
export class Door {
  readonly #transport: Transport
  readonly #addresses: readonly string[]
  #member: Promise<NodeId> | undefined

  constructor (transport: Transport, addresses: readonly string[]) {
    this.#transport = transport
    this.#addresses = addresses
  }

  open (): Cancel {
    return this.#transport.watch((_peer, state) => {
      if (state === 'disconnected') this.#member = undefined
    })
  }

  /** Rejects EHOSTUNREACH where none answers. */
  async member (): Promise<NodeId> {
    const dialing = this.#member ?? this.#dialAny()
    this.#member = dialing
    try {
      return await dialing
    } catch (error) {
      if (this.#member === dialing) this.#member = undefined
      throw error
    }
  }

  async #dialAny (): Promise<NodeId> {
    let failure: unknown
    for (const address of this.#addresses) {
      try {
        return await this.#transport.dial(address)
      } catch (error) {
        if (!isCloudError(error)) throw error
        failure = error
      }
    }
    const message = `No member answers at ${this.#addresses.join(', ')}: start one there, or name another by --at; ` +
      '"welkin up" prints where a node is reached.'
    throw new CloudError('EHOSTUNREACH', message, { cause: failure })
  }
}

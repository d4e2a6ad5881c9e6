import type { CloudError } from '@welkin/interface'
import { End, type Dependant } from './connection.ts'
import type { Message } from './message.ts'
import type { Network } from './network.ts'

/** The two connections that a relayed one goes over, at the ends that send: from here to the relay, and on. */
export interface Legs { near: End, far: End }

/** One node's end of a relayed connection: each message passes both legs, and ends as they do. */
export class DetourEnd extends End {
  readonly #legs: Legs
  readonly #onBreak: () => void
  readonly #dependant: Dependant = { lost: error => this.break(error) }

  constructor (network: Network, legs: Legs, onBreak: () => void = () => {}) {
    super(network, legs.near.host)
    this.#legs = legs
    this.#onBreak = onBreak
    for (const leg of [legs.near, legs.far]) leg.dependants.add(this.#dependant)
  }

  override send (message: Message, deliver: () => void): void {
    if (this.broken || this.host.life.over) return
    const { near, far } = this.#legs
    near.send(message, () => far.send(message, () => { if (!this.other.broken) deliver() }))
  }

  /** Its legs look for themselves. */
  override checkWay (): void {}

  override break (error: CloudError): void {
    if (this.broken) return
    for (const leg of [this.#legs.near, this.#legs.far]) leg.dependants.delete(this.#dependant)
    super.break(error)
    this.#onBreak()
    this.other.break(error)
  }
}

import type { GossipSub, Message } from '@libp2p/gossipsub'
import type { Cancel, Gossip, Logger, NodeId } from '@welkin/interface'

/** Who may take part; gossipsub asks for each peer's score, and hears nobody whose score is bad. */
export class Guests {
  admits: (peer: NodeId) => boolean = () => true
}

type Listener = (message: Uint8Array, from: NodeId) => void

/** Gossip by gossipsub, which checks each message's signature, and so `from`, before it comes here. */
export class Libp2pGossip implements Gossip {
  readonly #pubsub: GossipSub
  readonly #log: Logger
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #guests: Guests

  constructor (pubsub: GossipSub, log: Logger, guests: Guests) {
    this.#pubsub = pubsub
    this.#guests = guests
    this.#log = log
    pubsub.addEventListener('message', ({ detail }) => this.#deliver(detail))
  }

  publish (topic: string, message: Uint8Array): void {
    this.#pubsub.publish(topic, message).catch((error: unknown) => {
      this.#log.warn('overlay.publish_failed', { topic, error })
    })
  }

  admit (admits: (peer: NodeId) => boolean): void {
    this.#guests.admits = admits
  }

  subscribe (topic: string, listener: Listener): Cancel {
    const entry: Listener = (message, from) => listener(message, from) // its own, though one listener come twice
    const listeners = this.#listeners.get(topic) ?? new Set()
    listeners.add(entry)
    this.#listeners.set(topic, listeners)
    if (listeners.size === 1) this.#pubsub.subscribe(topic)
    return () => {
      if (!listeners.delete(entry) || listeners.size > 0) return
      this.#listeners.delete(topic)
      this.#pubsub.unsubscribe(topic)
    }
  }

  #deliver (message: Message): void {
    if (message.type !== 'signed') return // the policy is StrictSign; this is for the compiler
    const from = message.from.toString()
    for (const listener of this.#listeners.get(message.topic) ?? []) listener(message.data, from)
  }
}

import type { GossipSub, Message } from '@libp2p/gossipsub'
import type { Cancel, Gossip, Logger, NodeId } from '@welkin/interface'

type Listener = (message: Uint8Array, from: NodeId) => void

/** Gossip by gossipsub, which checks each message's signature, and so `from`, before it comes here. */
export class Libp2pGossip implements Gossip {
  readonly #pubsub: GossipSub
  readonly #log: Logger
  readonly #listeners = new Map<string, Set<Listener>>()

  constructor (pubsub: GossipSub, log: Logger) {
    this.#pubsub = pubsub
    this.#log = log
    pubsub.addEventListener('message', ({ detail }) => this.#deliver(detail))
  }

  publish (topic: string, message: Uint8Array): void {
    this.#pubsub.publish(topic, message).catch((error: unknown) => {
      this.#log.warn('overlay.publish_failed', { topic, error })
    })
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

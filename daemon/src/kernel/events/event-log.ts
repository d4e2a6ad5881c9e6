import type { Cancel, Clock, CloudEvent, Events, EventType, Logger, NodeId } from '@welkin/interface'

/** How many a node can tell again. */
export const KEPT_MAX = 1000

/** Who has asked what, and was refused or not. */
export const AUDIT_TYPES = ['callRefused', 'callAudited', 'nodeAdmitted', 'accessRevoked'] as const

export function isAudit (type: string): boolean {
  return (AUDIT_TYPES as readonly string[]).includes(type)
}

/** The events of one life of this node, the last thousand of them kept. */
export class EventLog implements Events {
  readonly #node: NodeId
  readonly #clock: Clock
  readonly #log: Logger
  readonly #kept: CloudEvent[] = []
  /** Kept apart, so that whoever asks what he may not ask does not drive out the rest. */
  readonly #audit: CloudEvent[] = []
  readonly #listeners = new Set<(event: CloudEvent) => void>()
  #sequence = 0

  constructor (node: NodeId, { clock, log }: { clock: Clock, log: Logger }) {
    this.#node = node
    this.#clock = clock
    this.#log = log
  }

  emit (type: EventType, fields: CloudEvent['fields'] = {}): void {
    const event: CloudEvent = { sequence: ++this.#sequence, type, node: this.#node, atMs: this.#clock.wallMs(), fields }
    const kept = isAudit(type) ? this.#audit : this.#kept
    kept.push(event)
    if (kept.length > KEPT_MAX) kept.shift()
    this.#log.debug('events.emitted', { type, ...fields })
    for (const listener of this.#listeners) listener(event)
  }

  recent (): readonly CloudEvent[] {
    return [...this.#kept, ...this.#audit].toSorted((a, b) => a.sequence - b.sequence)
  }

  subscribe (listener: (event: CloudEvent) => void): Cancel {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }
}

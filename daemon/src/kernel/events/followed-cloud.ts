import { backOffMs, Mailbox, repeat, sleep } from '@welkin/async'
import {
  CloudError, isCloudError, onAbort, type Clock, type CloudEvent, type Events, type Logger, type Membership,
  type NodeId, type Random
} from '@welkin/interface'
import type { Calls } from '../../dispatch/index.ts'
import { nodeEvents } from './node-events.ts'
import { putBounded } from './put-bounded.ts'
import { SeenEvents } from './seen-events.ts'

/** How soon a node that fell silent, and is held to be up, is asked again. */
const AGAIN_BACK_OFF = { firstMs: 200, maxMs: 5000, factor: 2 }

/** How often nodes of other sites are looked for. */
const LOOK_MS = 2000

export interface FollowedCloudPorts {
  calls: Calls
  clock: Clock
  /** Of this node: they tell who comes. */
  events: Events
  log: Logger
  membership: Membership
  random: Random
}

/**
 * The events of a cloud whose nodes come and go, for one who follows them. Each node is listened to while it is held to
 * be up; when it is asked again, after a break or in another life, it tells its latest events again, and what was
 * seen of them is left out.
 */
export class FollowedCloud {
  readonly #ports: FollowedCloudPorts
  readonly #types: string[] | undefined
  readonly #unread = new Mailbox<CloudEvent>()
  readonly #seen = new Map<NodeId, SeenEvents>()
  /** Who is listened to now. */
  readonly #followed = new Map<NodeId, Promise<void>>()
  /** Who was up when the whole cloud was last looked at. */
  #elsewhere: ReadonlySet<NodeId> = new Set()
  readonly #leave = new AbortController()
  #bug: unknown

  constructor (ports: FollowedCloudPorts, types: string[] | undefined) {
    this.#ports = ports
    this.#types = types
  }

  /** To be called once. Ends when `signal` is aborted; rejects EAGAIN when the reader does not keep up. */
  async * tell (signal: AbortSignal): AsyncGenerator<CloudEvent> {
    const { clock, events, membership } = this.#ports
    const cancels = [
      onAbort(signal, () => { this.#unread.end() }),
      events.subscribe(({ type, fields }) => {
        if (type === 'nodeJoined' || type === 'nodeReturned') this.#follow(fields['about'] as NodeId)
      })
    ]
    try {
      for (const { id } of membership.nodes()) this.#follow(id)
      cancels.push(repeat(clock, LOOK_MS, () => this.#lookElsewhere(), 0))
      yield * this.#unread
      if (this.#bug !== undefined) throw this.#bug
    } finally {
      for (const cancel of cancels) cancel()
      this.#leave.abort(new CloudError('ECANCELED', 'Nobody listens any more.'))
      await Promise.all(this.#followed.values())
    }
  }

  #follow (id: NodeId): void {
    if (this.#isUp(id) && !this.#followed.has(id)) this.#followed.set(id, this.#listen(id))
  }

  /** Nodes of other sites come without a word to this one: they are looked for now and then. */
  async #lookElsewhere (): Promise<void> {
    const { membership } = this.#ports
    try {
      const { nodes } = await membership.everyone({ signal: this.#leave.signal })
      this.#elsewhere = new Set(nodes.filter(({ state }) => state === 'up').map(({ id }) => id))
      for (const id of this.#elsewhere) this.#follow(id)
    } catch (error) {
      if (!isCloudError(error)) this.#fail(error)
    }
  }

  #isUp (id: NodeId): boolean {
    return (this.#ports.membership.node(id)?.state ?? (this.#elsewhere.has(id) ? 'up' : 'down')) === 'up'
  }

  #fail (bug: unknown): void {
    this.#bug = bug
    this.#unread.end()
  }

  /** Never rejects: a bug is for the reader to find. */
  async #listen (id: NodeId): Promise<void> {
    const { calls, clock, log, random } = this.#ports
    const { signal } = this.#leave
    const wanted = { types: this.#types, follow: true }
    for (let tries = 0; this.#isUp(id) && !signal.aborted; tries++) {
      try {
        if (tries > 0) await sleep(clock, backOffMs(AGAIN_BACK_OFF, tries - 1, random), { signal })
        for await (const event of nodeEvents(calls, id, wanted, { signal })) if (this.#take(id, event)) tries = 0
      } catch (error) {
        if (!isCloudError(error)) {
          this.#fail(error)
          break
        }
        if (!signal.aborted) log.debug('events.node_lost', { node: id, code: error.code })
      }
    }
    this.#followed.delete(id)
  }

  /** Whether it was new. */
  #take (id: NodeId, event: CloudEvent): boolean {
    let seen = this.#seen.get(id)
    if (seen === undefined) this.#seen.set(id, seen = new SeenEvents())
    if (!seen.see(event)) return false
    putBounded(this.#unread, event)
    return true
  }
}

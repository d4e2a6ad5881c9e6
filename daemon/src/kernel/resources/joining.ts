import { backOffMs, mapConcurrently } from '@welkin/async'
import {
  drawOne, isCloudError, shuffled, type Cancel, type Clock, type Logger, type NodeId, type NodeView, type Random,
  type Transport
} from '@welkin/interface'
import type { Contact } from './site/messages.ts'
import type { SiteGossip } from './site/site-gossip.ts'

/** How soon a node that is alone tries again. */
const ALONE_BACK_OFF = { firstMs: 200, maxMs: 5000, factor: 2 }

/** Ways into the cloud that are tried at a time. */
const DOORS_MAX = 4

export interface JoiningPorts {
  clock: Clock
  random: Random
  transport: Transport
  log: Logger
  gossip: SiteGossip
  /** Everyone known of this site. */
  members: () => readonly NodeView[]
  /** Where others were found in earlier lives, or before they were forgotten. */
  known: () => ReadonlyMap<NodeId, readonly string[]>
  /** Nodes of this site and others that somebody spoke of. */
  contacts: () => readonly Contact[]
}

export interface JoiningOptions {
  site: string
  /** Addresses of nodes through which to join. */
  join: readonly string[]
  /** How often somebody is looked for who is beyond a cut. */
  healPeriodMs: number
  dialTimeoutMs: number
}

/** A way into the cloud; `peer` is who was found there last, if anybody was. */
interface Door { peer: NodeId | undefined, addresses: readonly string[] }

/**
 * Finds the others, in one loop for the first join and for the healing of partitions. A node that is alone in its site
 * asks whoever it can reach where the site is; one that is not still calls, now and then, on a node that is held to be
 * down or that was known once: it may be this side that was cut off.
 */
export class Joining {
  readonly #ports: JoiningPorts
  readonly #options: JoiningOptions
  /** Who answered at the addresses that were given. */
  readonly #answered = new Map<string, NodeId>()
  readonly #leave = new AbortController()
  #cancel: Cancel = () => {}

  constructor (ports: JoiningPorts, options: JoiningOptions) {
    this.#ports = ports
    this.#options = options
  }

  start (): void {
    void this.#round(0)
  }

  /** Nobody is dialled from now on. */
  stop (): void {
    this.#leave.abort()
    this.#cancel()
  }

  async #round (triesAlone: number): Promise<void> {
    const { clock, random } = this.#ports
    if (this.#isAlone()) await mapConcurrently(this.#doors(), DOORS_MAX, door => this.#knock(door))
    else await this.#lookBeyond()
    if (this.#leave.signal.aborted) return
    const isLost = this.#isAlone() && !this.#knowsOtherSites()
    const delayMs = isLost
      ? backOffMs(ALONE_BACK_OFF, triesAlone, random)
      : this.#options.healPeriodMs * (0.5 + random.unit())
    this.#cancel = clock.after(delayMs, () => { void this.#round(isLost ? triesAlone + 1 : 0) })
  }

  /** Whether no other node of this site is up. */
  #isAlone (): boolean {
    const { members, transport } = this.#ports
    return members().every(({ id, state }) => id === transport.self || state === 'down')
  }

  #knowsOtherSites (): boolean {
    return this.#ports.contacts().some(({ site }) => site !== this.#options.site)
  }

  /** All that may lead to the others: the site's own nodes first, and in random order, so that a cloud that is switched
   * on does not call upon the same few nodes. */
  #doors (): Door[] {
    const { contacts, known, members, random, transport } = this.#ports
    const isOwn = ({ site }: Contact): number => Number(site === this.#options.site)
    const spokenOf = contacts().toSorted((a, b) => isOwn(b) - isOwn(a))
    const kept = shuffled(random, Array.from(known(), ([peer, addresses]): Door => ({ peer, addresses })))
    const down = members().filter(({ state }) => state === 'down')
    const doors = [
      ...spokenOf.map(({ id, addresses }): Door => ({ peer: id, addresses })),
      ...this.#options.join.map((address): Door => ({ peer: this.#answered.get(address), addresses: [address] })),
      ...shuffled(random, down).map(({ id, addresses }): Door => ({ peer: id, addresses })),
      ...kept
    ]
    return doors.filter(({ peer }) => peer !== transport.self)
  }

  /** One node that is held to be down, or was known and is not a member: two sides of a cut find each other so. */
  async #lookBeyond (): Promise<void> {
    const { known, members, random } = this.#ports
    const up = new Map(members().map(({ id, state }) => [id, state === 'up']))
    const lost = members().filter(({ state }) => state === 'down')
      .map(({ id, addresses }): Door => ({ peer: id, addresses }))
    const strangers = Array.from(known(), ([peer, addresses]): Door => ({ peer, addresses }))
      .filter(({ peer }) => !up.has(peer as NodeId))
    const door = drawOne(random, [...lost, ...strangers])
    if (door !== undefined) await this.#call(door)
  }

  /** Doors that are not needed any more are left closed. */
  async #knock (door: Door): Promise<void> {
    if (!this.#isAlone() || this.#leave.signal.aborted) return
    const found = await this.#call(door)
    const [given = ''] = door.addresses
    if (found !== undefined && this.#options.join.includes(given)) this.#answered.set(given, found)
    const sameSite = this.#ports.contacts().filter(({ site, id }) => site === this.#options.site && id !== found)
    for (const { id, addresses } of sameSite) {
      if (this.#isAlone() && id !== this.#ports.transport.self) await this.#call({ peer: id, addresses })
    }
  }

  /** Compares tables with whoever answers there; says who that was. */
  async #call ({ addresses }: Door): Promise<NodeId | undefined> {
    const { gossip, log, transport } = this.#ports
    const { dialTimeoutMs: timeoutMs } = this.#options
    for (const address of addresses) {
      if (this.#leave.signal.aborted) return undefined
      try {
        const peer = await transport.dial(address, { timeoutMs, signal: this.#leave.signal })
        if (peer === transport.self) return peer
        await gossip.compare(peer, { whole: true, timeoutMs })
        return peer
      } catch (error) {
        if (!isCloudError(error)) throw error
        log.debug('resources.door_closed', { address, code: error.code })
      }
    }
    return undefined
  }
}

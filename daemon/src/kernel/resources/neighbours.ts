import { backOffMs, mapConcurrently } from '@welkin/async'
import {
  drawOne, isCloudError, shuffled, type Cancel, type Clock, type Logger, type NodeId, type NodeView, type Random,
  type Transport
} from '@welkin/interface'

/** How soon a node that is alone tries again. */
const ALONE_BACK_OFF = { firstMs: 200, maxMs: 5000, factor: 2 }

/** Ways into the cloud that are tried at a time. */
const DOORS_MAX = 4

export interface NeighboursPorts {
  clock: Clock
  random: Random
  transport: Transport
  log: Logger
  /** Who is held to be in the cloud. */
  members: () => readonly NodeView[]
  /** Where others were found in earlier lives, or before they were forgotten. */
  known: () => ReadonlyMap<NodeId, readonly string[]>
}

export interface NeighboursOptions {
  /** Addresses of nodes through which to join. */
  join: readonly string[]
  /** So many connections are kept. */
  neighboursMin: number
  /** How often their number is looked at. */
  periodMs: number
  dialTimeoutMs: number
}

/** A way into the cloud; `peer` is who was found there last, if anybody was. */
interface Door { peer: NodeId | undefined, addresses: readonly string[] }

/**
 * Keeps a node connected to some others, in one loop for the first join, the loss of neighbours and the healing of
 * partitions: members that are up are dialled first, then those held to be down, since it may be this node that was
 * cut off; and when no member is left, the addresses that were given and those that are kept on disk.
 */
export class Neighbours {
  readonly #ports: NeighboursPorts
  readonly #options: NeighboursOptions
  readonly #connected = new Set<NodeId>()
  /** Who answered at the addresses that were given. */
  readonly #answered = new Map<string, NodeId>()
  readonly #leave = new AbortController()
  #cancels: Cancel[] = []

  constructor (ports: NeighboursPorts, options: NeighboursOptions) {
    this.#ports = ports
    this.#options = options
  }

  start (): void {
    this.#cancels = [this.#ports.transport.watch((peer, state) => {
      if (state === 'connected') this.#connected.add(peer)
      else this.#connected.delete(peer)
    })]
    void this.#round(0)
  }

  /** Nobody is dialled from now on. */
  stop (): void {
    this.#leave.abort()
    for (const cancel of this.#cancels.splice(0)) cancel()
  }

  async #round (triesAlone: number): Promise<void> {
    const { clock, random } = this.#ports
    await this.#seek()
    if (this.#leave.signal.aborted) return
    const isAlone = this.#connected.size === 0
    const delayMs = isAlone ? backOffMs(ALONE_BACK_OFF, triesAlone, random) : this.#options.periodMs
    this.#cancels[1] = clock.after(delayMs, () => { void this.#round(isAlone ? triesAlone + 1 : 0) })
  }

  async #seek (): Promise<void> {
    if (this.#hasEnough()) return
    const others = this.#others()
    const up = others.filter(({ state }) => state === 'up')
    const choice = drawOne(this.#ports.random, up.length > 0 ? up : others)
    if (choice === undefined) await mapConcurrently(this.#doors(), DOORS_MAX, door => this.#knock(door))
    else await this.#dial(choice.addresses)
  }

  #hasEnough (): boolean {
    return this.#connected.size >= this.#options.neighboursMin || this.#leave.signal.aborted
  }

  /** Members that are no neighbours. */
  #others (): NodeView[] {
    return this.#ports.members().filter(({ id, addresses }) => this.#isNew(id) && addresses.length > 0)
  }

  #isNew (peer: NodeId): boolean {
    return peer !== this.#ports.transport.self && !this.#connected.has(peer)
  }

  #doors (): Door[] {
    const { known, random } = this.#ports
    const given = this.#options.join.map(address => ({ peer: this.#answered.get(address), addresses: [address] }))
    // In random order, so that a cloud that is switched on does not call upon the same few nodes.
    return [...given, ...shuffled(random, Array.from(known(), ([peer, addresses]) => ({ peer, addresses })))]
  }

  /** Doors that lead to a neighbour, or that are not needed any more, are left closed. */
  async #knock ({ peer, addresses }: Door): Promise<void> {
    if (this.#hasEnough() || this.#others().length > 0 || (peer !== undefined && !this.#isNew(peer))) return
    const found = await this.#dial(addresses)
    const [given = ''] = addresses
    if (found !== undefined && this.#options.join.includes(given)) this.#answered.set(given, found)
  }

  /** Dials the addresses of one node, one after the other, until it answers. */
  async #dial (addresses: readonly string[]): Promise<NodeId | undefined> {
    const { log, transport } = this.#ports
    for (const address of addresses) {
      if (this.#leave.signal.aborted) return undefined
      try {
        return await transport.dial(address, { timeoutMs: this.#options.dialTimeoutMs, signal: this.#leave.signal })
      } catch (error) {
        if (!isCloudError(error)) throw error
        log.debug('resources.dial_failed', { address, code: error.code })
      }
    }
    return undefined
  }
}

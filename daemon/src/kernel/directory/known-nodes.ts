import type { Keys, Membership, NodeId } from '@welkin/interface'
import {
  commonBits, compareDistance, PointIndex, pointOf, RoutingTable, type Placed, type Point, type TableChange
} from '@welkin/kademlia'
import type { Contact } from './messages.ts'

/** A node of the key space, and where it is reached. */
export interface KnownNode extends Placed { readonly addresses: readonly string[] }

/**
 * Those that have become known, and those that are gone, since somebody last asked. Whoever is among both has started
 * again, and keeps nothing any more.
 */
export interface Changes { added: KnownNode[], removed: NodeId[] }

/** What membership knows is looked at no more often than this. */
const LOOK_MS = 250
/** And of other sites, which come and go rarely. */
const ABROAD_MS = 30_000
/** By so much the time of one start may seem to differ, as messages take their time. */
const START_BLUR_MS = 1000

type Picture = Pick<Membership, 'self' | 'nodes' | 'life' | 'contacts' | 'sites'>

/** One of this site, and which of its lives it is in. */
interface Neighbour extends KnownNode { readonly life: number | undefined }

/**
 * Whom this node knows in the key space: all of its own site that are up, as membership has it, and of other sites
 * those that have answered or asked. Knows no clock: time is given to it.
 */
export class KnownNodes {
  readonly self: KnownNode
  readonly #keys: Pick<Keys, 'digest'>
  readonly #membership: Picture
  readonly #site = new Map<NodeId, Neighbour>()
  readonly #abroad: RoutingTable<KnownNode>
  /** When each of the table started, by this node's clock; or when it became known, until it says so. */
  readonly #startedMs = new Map<NodeId, number>()
  /** Those of the site that are up, and those of the table. */
  readonly #index = new PointIndex<KnownNode>()
  /** Of other sites, as membership tells. */
  #strangers = new Map<NodeId, KnownNode>()
  #changes: Changes = { added: [], removed: [] }
  #lookedMs = Number.NEGATIVE_INFINITY
  #lookedAbroadMs = Number.NEGATIVE_INFINITY

  constructor (
    membership: Picture, keys: Pick<Keys, 'digest'>, { addresses, bucketSize }: {
      addresses: () => readonly string[], bucketSize: number
    }
  ) {
    this.#membership = membership
    this.#keys = keys
    const id = membership.self
    this.self = { id, point: pointOf(id, keys), get addresses () { return addresses() } }
    this.#abroad = new RoutingTable(this.self.point, { bucketSize })
    this.#index.set(this.self)
  }

  /** Whether this site is all there is: then everyone is known who could be near to anything. */
  get isWhole (): boolean {
    return this.#abroad.size === 0 && this.#strangers.size === 0
  }

  /** Takes over what membership has heard meanwhile. */
  refresh (nowMs: number): void {
    if (nowMs < this.#lookedMs + LOOK_MS) return
    this.#lookedMs = nowMs
    this.#lookAtSite()
    if (nowMs < this.#lookedAbroadMs + ABROAD_MS && !this.isWhole) return
    this.#lookedAbroadMs = nowMs
    this.#lookAbroad()
  }

  /** The nearest of all that are held to be up, this node included. */
  nearest (target: Point, count: number): KnownNode[] {
    return this.#index.nearest(target, count)
  }

  /** Nodes of other sites that nobody here has spoken with: a beginning, where little else is known. */
  strangers (): Iterable<KnownNode> {
    return this.#strangers.values()
  }

  get (id: NodeId): KnownNode | undefined {
    return this.#index.get(id) ?? this.#strangers.get(id)
  }

  /** Of `nodes`, the nearest at each distance at which few are known here: as many as would make it `few`. */
  scarce (nodes: readonly KnownNode[], few: number): KnownNode[] {
    const { point: own } = this.self
    const counts = new Map<number, number>()
    const countAt = ({ point }: KnownNode): number => {
      const bits = commonBits(own, point)
      const count = (counts.get(bits) ?? 0) + 1
      counts.set(bits, count)
      return count
    }
    for (const known of this.#index.values()) countAt(known)
    return nodes.filter(({ id }) => this.#index.get(id) === undefined)
      .toSorted((a, b) => compareDistance(own, a.point, b.point))
      .filter(node => countAt(node) <= few)
  }

  /** What somebody told of: as it is known here, if it is. */
  placed ({ id, addresses }: Contact): KnownNode {
    return this.get(id) ?? { id, addresses, point: pointOf(id, this.#keys) }
  }

  /**
   * It has answered or asked, and is one of those that are known from now on, if there is a place for it. `startedMs`:
   * when it started, where it has said so.
   */
  seen (node: KnownNode, startedMs?: number): void {
    if (node.id === this.self.id || this.#site.has(node.id)) return
    this.#note(this.#abroad.seen(node))
    const before = this.#startedMs.get(node.id)
    if (startedMs === undefined || before === undefined) return
    this.#startedMs.set(node.id, startedMs)
    if (startedMs > before + START_BLUR_MS) this.#noteRestart(node)
  }

  /** It has not answered. Whether one of this site is up is for membership to say. */
  failed (id: NodeId): void {
    this.#note(this.#abroad.failed(id))
  }

  takeChanges (): Changes {
    const changes = this.#changes
    this.#changes = { added: [], removed: [] }
    return changes
  }

  #lookAtSite (): void {
    let present = 0
    for (const { id, addresses, state } of this.#membership.nodes()) {
      if (state !== 'up' || id === this.self.id) continue
      present++
      const known = this.#site.get(id)
      const life = this.#membership.life(id)
      if (known?.addresses === addresses && known.life === life) continue
      const node = { id, addresses, life, point: known?.point ?? pointOf(id, this.#keys) }
      this.#note({ added: this.#abroad.remove(id).added })
      this.#startedMs.delete(id)
      this.#site.set(id, node)
      this.#index.set(node)
      if (known === undefined) this.#changes.added.push(node)
      else if (known.life !== life) this.#noteRestart(node)
    }
    if (present === this.#site.size) return
    const up = new Set(this.#membership.nodes().filter(({ state }) => state === 'up').map(({ id }) => id))
    for (const id of this.#site.keys()) {
      if (up.has(id)) continue
      this.#site.delete(id)
      this.#index.delete(id)
      this.#changes.removed.push(id)
    }
  }

  #lookAbroad (): void {
    const told = new Map<NodeId, readonly string[]>()
    for (const { id } of this.#membership.contacts()) if (id !== undefined) told.set(id, [])
    for (const { delegates } of this.#membership.sites()) {
      for (const { id, addresses } of delegates) told.set(id, addresses)
    }
    const strangers = new Map<NodeId, KnownNode>()
    for (const [id, addresses] of told) {
      if (this.#site.has(id) || id === this.self.id) continue
      const point = this.#strangers.get(id)?.point ?? pointOf(id, this.#keys)
      strangers.set(id, { id, addresses, point })
    }
    this.#strangers = strangers
  }

  #note ({ added, removed }: TableChange<KnownNode>): void {
    if (removed !== undefined) {
      this.#index.delete(removed.id)
      this.#startedMs.delete(removed.id)
      this.#changes.removed.push(removed.id)
    }
    if (added !== undefined && !this.#site.has(added.id)) {
      this.#index.set(added)
      this.#startedMs.set(added.id, this.#lookedMs)
      this.#changes.added.push(added)
    }
  }

  #noteRestart (node: KnownNode): void {
    this.#changes.removed.push(node.id)
    this.#changes.added.push(node)
  }
}

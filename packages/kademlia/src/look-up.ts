import type { NodeId } from '@welkin/interface'
import { compareDistance, type Placed, type Point } from './point.ts'

export interface LookUpOptions {
  /** So many are waited for at a time. */
  alpha: number
  /** So many nodes, the nearest to the target, are looked for. */
  count: number
  /** Among those that are to be asked, who is cheap is asked first; left out: who is near. */
  costMs?: ((id: NodeId) => number) | undefined
}

type State = 'known' | 'asked' | 'slow' | 'answered' | 'failed'

/** `isTrusted`: its asker knows that it exists; others only say so. */
interface Candidate<Node> { node: Node, state: State, isTrusted: boolean }

/**
 * The way to the nodes nearest to a point, as a machine of steps (Kademlia, section 2.3): who uses it asks whom `next`
 * names and tells what came of it. Somebody who is slow is passed over, so that its silence costs one hedge and not a
 * deadline; if it answers after all, that counts. Pure.
 */
export class LookUp<Node extends Placed> {
  readonly target: Point
  readonly #options: LookUpOptions
  /** Nearest first. */
  readonly #candidates: Array<Candidate<Node>> = []
  readonly #byId = new Map<NodeId, Candidate<Node>>()
  #awaited = 0

  constructor (target: Point, options: LookUpOptions) {
    this.target = target
    this.#options = options
  }

  /** Nodes that may be near; `isTrusted`: they are there, as far as one can know. */
  offer (nodes: Iterable<Node>, { isTrusted }: { isTrusted: boolean }): void {
    for (const node of nodes) {
      const known = this.#byId.get(node.id)
      if (known === undefined) this.#insert({ node, state: 'known', isTrusted })
      else known.isTrusted ||= isTrusted
    }
  }

  /** Whom to ask now; they count as asked from then on. */
  next (): Node[] {
    const { alpha, costMs } = this.#options
    const slots = alpha - this.#awaited
    if (slots <= 0) return []
    const known = this.#window().filter(({ state }) => state === 'known')
    if (costMs !== undefined && known.length > slots) {
      const costs = new Map(known.map(({ node: { id } }) => [id, costMs(id)]))
      known.sort((a, b) => (costs.get(a.node.id) as number) - (costs.get(b.node.id) as number))
    }
    const chosen = known.slice(0, slots)
    for (const candidate of chosen) candidate.state = 'asked'
    this.#awaited += chosen.length
    return chosen.map(({ node }) => node)
  }

  answered (id: NodeId): void {
    this.#settle(id, 'answered')
  }

  failed (id: NodeId): void {
    this.#settle(id, 'failed')
  }

  /** It takes longer than it should: others are asked meanwhile. */
  overtaken (id: NodeId): void {
    const candidate = this.#byId.get(id)
    if (candidate?.state !== 'asked') return
    candidate.state = 'slow'
    this.#awaited--
  }

  /**
   * The nearest as far as is known, nearest first: without those that have failed, and without those that are slow and
   * were only told of.
   */
  nearest (): Node[] {
    return this.#nearest().map(({ node }) => node)
  }

  /** How many of the nearest there are, and how many of them have answered. */
  progress (): { nearest: number, answered: number } {
    const nearest = this.#nearest()
    return { nearest: nearest.length, answered: nearest.filter(({ state }) => state === 'answered').length }
  }

  /** Whether all of the nearest have answered, and nobody who is waited for could change that. */
  get isComplete (): boolean {
    return this.#awaited === 0 && this.#nearest().every(({ state }) => state === 'answered')
  }

  #nearest (): Array<Candidate<Node>> {
    return this.#first(({ state, isTrusted }) => state !== 'failed' && (state !== 'slow' || isTrusted))
  }

  /** Those that are to be asked or were: slow ones do not count, so that others come in for them. */
  #window (): Array<Candidate<Node>> {
    return this.#first(({ state }) => state !== 'failed' && state !== 'slow')
  }

  #first (matches: (candidate: Candidate<Node>) => boolean): Array<Candidate<Node>> {
    const found: Array<Candidate<Node>> = []
    for (const candidate of this.#candidates) {
      if (found.length >= this.#options.count) break
      if (matches(candidate)) found.push(candidate)
    }
    return found
  }

  #settle (id: NodeId, state: 'answered' | 'failed'): void {
    const candidate = this.#byId.get(id)
    if (candidate === undefined || candidate.state === 'answered' || candidate.state === 'failed') return
    if (candidate.state === 'asked') this.#awaited--
    candidate.state = state
  }

  #insert (candidate: Candidate<Node>): void {
    const { target } = this
    let [low, high] = [0, this.#candidates.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const { node } = this.#candidates[middle] as Candidate<Node>
      if (compareDistance(target, node.point, candidate.node.point) < 0) low = middle + 1
      else high = middle
    }
    this.#candidates.splice(low, 0, candidate)
    this.#byId.set(candidate.node.id, candidate)
  }
}

import type { NodeQuery, PlacementExplanation } from '@welkin/abi'
import type { CloudError, NodeId, Zone } from '@welkin/interface'
import { formatQuery, type Selected } from '@welkin/query'

const CANDIDATES_MAX = 50

/** Keeps why objects went where they went, for one who asks. */
export class Explanation {
  readonly #query: NodeQuery
  readonly #asked = new Map<NodeId, number>()
  readonly #taken = new Map<NodeId, number>()
  #rows: readonly Selected[] = []
  #matched = 0
  #silent: readonly Zone[] = []

  constructor (query: NodeQuery) {
    this.#query = query
  }

  found ({ rows, matched, silent }: { rows: readonly Selected[], matched: number, silent: readonly Zone[] }): void {
    this.#rows = rows
    this.#matched = matched
    this.#silent = silent
  }

  asked (node: NodeId, count: number, taken: number): void {
    this.#asked.set(node, (this.#asked.get(node) ?? 0) + count)
    this.#taken.set(node, (this.#taken.get(node) ?? 0) + taken)
  }

  /** The candidates that were asked, then the best of the others. */
  tell (refusals: ReadonlyMap<NodeId, CloudError>): PlacementExplanation {
    const asked = this.#rows.filter(({ node }) => this.#asked.has(node.id))
    const others = this.#rows.filter(({ node }) => !this.#asked.has(node.id))
    const order = new Map(this.#rows.map(({ node }, rank) => [node.id, rank]))
    const told = [...asked, ...others].slice(0, CANDIDATES_MAX)
      .toSorted((a, b) => (order.get(a.node.id) as number) - (order.get(b.node.id) as number))
    return {
      query: formatQuery(this.#query),
      matched: this.#matched,
      silent: [...this.#silent],
      candidates: told.map(({ node: { id, name, zone }, cost }) => {
        const refusal = refusals.get(id)?.message
        return {
          node: id, name, zone, cost, asked: this.#asked.get(id) ?? 0, taken: this.#taken.get(id) ?? 0,
          ...refusal === undefined ? {} : { refusal }
        }
      })
    }
  }
}

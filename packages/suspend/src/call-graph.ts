import type { Facts } from './code/facts.ts'

/** So many instructions, a fraction of a millisecond, may run between two looks at the fuel. */
const UNCHECKED_MAX = 50_000
/** What a loop counts for its callers: so many of its instructions are run between two looks at the fuel. */
export const LOOP_COST = 4096

export interface CallGraphInput {
  /** Facts of each function by its index; undefined: it is imported. */
  readonly facts: ReadonlyArray<Facts | undefined>
  /** By the number of a type: the functions that a call through a table may reach by it. */
  readonly reachedBy: (type: number) => readonly number[]
}

/**
 * The calls of a module as a graph. Its nodes are the functions by their index and, beyond those, the types by which
 * is called through tables, so that many callers and many called make few edges.
 */
export class CallGraph {
  readonly #facts: ReadonlyArray<Facts | undefined>
  readonly #nodeOfType = new Map<number, number>()
  readonly #edges: Array<readonly number[]>

  constructor ({ facts, reachedBy }: CallGraphInput) {
    this.#facts = facts
    const types = new Set(facts.flatMap(each => each?.indirectCalls ?? []))
    for (const type of types) this.#nodeOfType.set(type, facts.length + this.#nodeOfType.size)
    this.#edges = [
      ...facts.map(each => each === undefined
        ? []
        : [...each.calls, ...each.indirectCalls.map(type => this.#nodeOfType.get(type) as number)]),
      ...[...types].map(type => reachedBy(type))
    ]
  }

  /**
   * The functions that must look at the fuel when they are entered, so that no program can run for long without:
   * one in every circle of calls, and those that would do too much otherwise.
   */
  checkedAtEntry (): Set<number> {
    const checked = new Set<number>()
    const costs = new Float64Array(this.#edges.length)
    const state = new Uint8Array(this.#edges.length) // 1: being looked at, 2: done
    for (let root = 0; root < this.#edges.length; root++) {
      if (state[root] !== 0) continue
      const trail: Array<{ node: number, next: number }> = [{ node: root, next: 0 }]
      state[root] = 1
      for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
        const next = this.#edges[top.node]?.[top.next++]
        if (next === undefined) {
          state[top.node] = 2
          costs[top.node] = this.#cost(top.node, costs, checked)
          trail.pop()
        } else if (state[next] === 0) {
          state[next] = 1
          trail.push({ node: next, next: 0 })
        } else if (state[next] === 1) this.#check(next, checked)
      }
    }
    return checked
  }

  /** Those who may be suspended: `seeds` and all from which they are called; as a test of a function, of a type. */
  reaching (seeds: Iterable<number>): { hasFunction: (index: number) => boolean, hasType: (type: number) => boolean } {
    const callers: number[][] = this.#edges.map(() => [])
    for (const [from, targets] of this.#edges.entries()) for (const to of new Set(targets)) callers[to]?.push(from)
    const reached = new Set(seeds)
    for (const node of reached) for (const caller of callers[node] ?? []) reached.add(caller)
    return {
      hasFunction: index => reached.has(index),
      hasType: type => reached.has(this.#nodeOfType.get(type) ?? -1)
    }
  }

  #cost (node: number, costs: Float64Array, checked: Set<number>): number {
    const facts = this.#facts[node]
    const edges = this.#edges[node] as readonly number[]
    if (facts === undefined) return edges.reduce((most, to) => Math.max(most, costs[to] as number), 0)
    let cost = facts.size + facts.loops * LOOP_COST
    for (const to of edges) cost += costs[to] as number
    if (cost > UNCHECKED_MAX) checked.add(node)
    return checked.has(node) ? 1 : cost
  }

  #check (node: number, checked: Set<number>): void {
    if (node < this.#facts.length) checked.add(node)
    else for (const index of this.#edges[node] as readonly number[]) if (this.#facts[index] !== undefined) checked.add(index)
  }
}

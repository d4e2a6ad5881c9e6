import type { Facts } from './code/facts.ts'

export interface CallGraphInput {
  /** Facts of each function by its index; undefined: it is imported. */
  readonly facts: ReadonlyArray<Facts | undefined>
  /** By the number of a type: the functions that a call through a table may reach by it. */
  readonly reachedBy: (type: number) => readonly number[]
  /** About so many instructions may run between two looks at the fuel, and so many within one loop. */
  readonly uncheckedMax: number
  readonly uncheckedInLoopMax: number
}

/**
 * The calls of a module as a graph. Its nodes are the functions by their index and, beyond those, the types by which
 * is called through tables, so that many callers and many called make few edges.
 */
export class CallGraph {
  readonly #input: CallGraphInput
  readonly #nodeOfType = new Map<number, number>()
  readonly #edges: Array<readonly number[]>
  /** How many instructions each may run, at most, before the next look at the fuel. */
  readonly #costs: Float64Array

  constructor (input: CallGraphInput) {
    const { facts, reachedBy } = this.#input = input
    const types = new Set(facts.flatMap(each => each?.indirectCalls ?? []))
    for (const type of types) this.#nodeOfType.set(type, facts.length + this.#nodeOfType.size)
    this.#edges = [
      ...facts.map(each => each === undefined
        ? []
        : [...each.calls, ...each.indirectCalls.map(type => this.#nodeOfType.get(type) as number)]),
      ...[...types].map(type => reachedBy(type))
    ]
    this.#costs = new Float64Array(this.#edges.length)
  }

  /**
   * The functions that must look at the fuel when they are entered, so that no program can run for long without:
   * one in every circle of calls, and those that would do too much otherwise.
   */
  checkedAtEntry (): Set<number> {
    const checked = new Set<number>()
    const state = new Uint8Array(this.#edges.length) // 1: being looked at, 2: done
    for (let root = 0; root < this.#edges.length; root++) {
      if (state[root] !== 0) continue
      const trail: Array<{ node: number, next: number }> = [{ node: root, next: 0 }]
      state[root] = 1
      for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
        const next = this.#edges[top.node]?.[top.next++]
        if (next === undefined) {
          state[top.node] = 2
          this.#costs[top.node] = this.#cost(top.node, checked)
          trail.pop()
        } else if (state[next] === 0) {
          state[next] = 1
          trail.push({ node: next, next: 0 })
        } else if (state[next] === 1) this.#check(next, checked)
      }
    }
    return checked
  }

  /** Once it is known who looks: how many instructions a call of this function, or by this type, may run without. */
  costOf (callee: { function: number } | { type: number }): number {
    const node = 'function' in callee ? callee.function : this.#nodeOfType.get(callee.type)
    return this.#costs[node ?? -1] ?? 0
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

  #cost (node: number, checked: Set<number>): number {
    const costs = this.#costs
    const { facts: { [node]: facts }, uncheckedInLoopMax, uncheckedMax } = this.#input
    const edges = this.#edges[node] as readonly number[]
    if (facts === undefined) return edges.reduce((most, to) => Math.max(most, costs[to] as number), 0)
    let cost = facts.size + facts.loops * uncheckedInLoopMax
    for (const to of edges) cost += costs[to] as number
    if (cost > uncheckedMax) checked.add(node)
    return checked.has(node) ? 1 : cost
  }

  #check (node: number, checked: Set<number>): void {
    const { facts } = this.#input
    if (node < facts.length) checked.add(node)
    else for (const index of this.#edges[node] ?? []) if (facts[index] !== undefined) checked.add(index)
  }
}

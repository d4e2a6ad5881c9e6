/** One call of a client, with the times between which it may have taken effect. */
export interface Operation<In, Out> {
  /** Who called. Calls of one process that touch in time keep the order of their times, then that of the history. */
  process: number | string
  input: In
  /** Undefined: never answered. It may have taken effect at any time after it began, or never. */
  output?: Out
  startMs: number
  /** Infinity when it was never answered. */
  endMs: number
}

/** What one copy of a thing, used by one client at a time, would do. Every function is pure. */
export interface SequentialModel<State, In, Out> {
  initial: State
  /** The state after `input` gave `output`, or undefined if it cannot have; an undefined output fits whatever comes. */
  step: (state: State, input: In, output: Out | undefined) => State | undefined
  /** States of the same key are taken to be the same state. */
  key: (state: State) => string
  /** Whether such an operation leaves every state as it is in which it can happen; it makes the search short. */
  onlyReads?: (input: In, output: Out) => boolean
  /** The part of the whole that an input concerns, if each part can be judged alone and begins as `initial`. */
  partOf?: (input: In) => string
}

/** What was found; of a history with several parts, in the one that is worst. */
export interface Linearizability<In, Out> {
  /** `gave up`: the steps did not suffice to tell. */
  verdict: 'linearizable' | 'not linearizable' | 'gave up'
  part?: string
  /** The longest beginning that could be put in an order. */
  longest?: ReadonlyArray<Operation<In, Out>>
  /** The key of the state after `longest`. */
  state?: string
  /** The answered operations of which one would have to come next; none can have had its answer. */
  stuckOn?: Array<Operation<In, Out>>
}

/** `stepsMax` is how many operations the search of each part may place, again and again, before it gives up. */
export interface LinearizabilityOptions { stepsMax: number }

/**
 * Decides whether each operation can have taken effect at one instant between its start and its end. The search is
 * that of Wing and Gong (1993) with the memory of Lowe (2017), for each part alone (Herlihy and Wing 1990, locality).
 * It throws on a history that contradicts itself, which is a bug of who recorded it.
 */
export function checkLinearizable<State, In, Out> (
  model: SequentialModel<State, In, Out>, history: ReadonlyArray<Operation<In, Out>>,
  { stepsMax }: LinearizabilityOptions
): Linearizability<In, Out> {
  const parts = new Map<string | undefined, Array<Operation<In, Out>>>()
  for (const operation of history) {
    assertRecorded(operation)
    const part = model.partOf?.(operation.input)
    const operations = parts.get(part)
    if (operations === undefined) parts.set(part, [operation])
    else operations.push(operation)
  }
  let worst: Linearizability<In, Out> = { verdict: 'linearizable' }
  for (const [part, operations] of parts) {
    const found = new Search(model, operations, stepsMax).run()
    const named = part === undefined ? found : { ...found, part }
    if (found.verdict === 'not linearizable') return named
    if (found.verdict === 'gave up' && worst.verdict === 'linearizable') worst = named
  }
  return worst
}

/** Tells a person in a few lines what was found; `describe` words an operation without its process and times. */
export function tellLinearizability<In, Out> (
  { verdict, part, longest = [], state, stuckOn = [] }: Linearizability<In, Out>,
  describe: (operation: Operation<In, Out>) => string = describeAny
): string {
  const what = part === undefined ? 'the history' : `the history of ${part}`
  if (verdict === 'linearizable') return `${what} is linearizable`
  const line = (operation: Operation<In, Out>): string => {
    const { process, startMs, endMs } = operation
    const end = endMs === Infinity ? 'never answered' : `${endMs} ms`
    return `  ${process}: ${describe(operation)} (${startMs} ms to ${end})`
  }
  const earlier = Math.max(0, longest.length - TOLD_MAX)
  return [
    verdict === 'gave up'
      ? `${what} may be linearizable or not: the steps did not suffice. This far it was put in an order:`
      : `${what} is not linearizable. This far it can be put in an order:`,
    ...earlier > 0 ? [`  (${earlier} earlier operations)`] : [],
    ...longest.slice(earlier).map(line),
    ...longest.length === 0 ? ['  (no operation at all)'] : [],
    `The state is then ${state}, and nothing that may come next fits it:`,
    ...stuckOn.map(line)
  ].join('\n')
}

const TOLD_MAX = 6

function describeAny<In, Out> ({ input, output }: Operation<In, Out>): string {
  return output === undefined ? JSON.stringify(input) : `${JSON.stringify(input)} gave ${JSON.stringify(output)}`
}

function assertRecorded<In, Out> (operation: Operation<In, Out>): void {
  const { output, startMs, endMs } = operation
  if (!(startMs <= endMs)) throw new Error(`an operation ends before it starts: ${JSON.stringify(operation)}`)
  if ((output === undefined) === (endMs === Infinity)) return
  throw new Error(`an operation has an output exactly if it has an end: ${JSON.stringify(operation)}`)
}

/** An operation that may come next, and the state after it. */
interface Move<State> { index: number, state: State, key: string }

/** Where the search stands: what it placed last, what may come next, and how much of that it has tried. */
interface Frame<State> { placed: number, state: State, key: string, moves: ReadonlyArray<Move<State>>, tried: number }

/**
 * Orders the operations of one part, depth first. An operation may be placed when no answered one that is still open
 * ended before it started. Three observations keep the search small, and none loses an answer:
 * - an answered operation that fits and never changes anything may as well come first, and alone; not so one that
 *   changes nothing just now, such as a write of what is there: it may be needed later;
 * - an operation without an answer that changes nothing, or whose change the next one hides, may as well never have
 *   happened;
 * - whatever was open, used and true at a place that led nowhere leads nowhere again.
 */
class Search<State, In, Out> {
  readonly #model: SequentialModel<State, In, Out>
  readonly #operations: ReadonlyArray<Operation<In, Out>>
  /** For each operation, those of its process that ended in the very instant it began. */
  readonly #before: ReadonlyArray<readonly number[]>
  readonly #unanswered: readonly number[]
  readonly #isPlaced: Uint8Array
  /** The answered operations that are open, by their start: a ring through the index after the last. */
  readonly #next: Uint32Array
  readonly #previous: Uint32Array
  readonly #path: Array<Frame<State>> = []
  readonly #seen = new Set<string>()
  /** What each operation does to the states it met, by their keys. */
  readonly #moves: ReadonlyArray<Map<string, Move<State> | undefined>>
  #stepsLeft: number
  #answeredPlaced = 0
  #longest: Omit<Linearizability<In, Out>, 'verdict'> = {}
  #longestAnswered = -1

  constructor (
    model: SequentialModel<State, In, Out>, operations: ReadonlyArray<Operation<In, Out>>, stepsMax: number
  ) {
    const sorted = operations.toSorted((a, b) => a.startMs - b.startMs)
    this.#model = model
    this.#operations = sorted
    this.#stepsLeft = stepsMax
    this.#moves = sorted.map(() => new Map())
    this.#before = touching(sorted)
    this.#unanswered = sorted.flatMap(({ endMs }, index) => endMs === Infinity ? [index] : [])
    this.#isPlaced = new Uint8Array(sorted.length)
    this.#next = new Uint32Array(sorted.length + 1)
    this.#previous = new Uint32Array(sorted.length + 1)
    let last = sorted.length
    for (const [index, { endMs }] of sorted.entries()) {
      if (endMs === Infinity) continue
      this.#link(last, index)
      last = index
    }
    this.#link(last, sorted.length)
  }

  run (): Linearizability<In, Out> {
    const { initial, key } = this.#model
    this.#enter({ index: this.#operations.length, state: initial, key: key(initial) })
    const answered = this.#operations.length - this.#unanswered.length
    while (this.#answeredPlaced < answered) {
      const top = this.#path.at(-1)
      if (top === undefined) return { verdict: 'not linearizable', ...this.#longest }
      const move = top.moves[top.tried++]
      if (move === undefined) {
        this.#path.pop()
        this.#unplace(top.placed)
        continue
      }
      if (this.#stepsLeft-- <= 0) return { verdict: 'gave up', ...this.#longest }
      this.#place(move.index)
      if (!this.#enter(move, top)) this.#unplace(move.index)
    }
    return { verdict: 'linearizable' }
  }

  /** Looks around after a move; false if the search has been at the same place before. */
  #enter ({ index, state, key }: Move<State>, from?: Frame<State>): boolean {
    const { open, beyond, untilMs } = this.#window()
    const used = this.#unanswered.filter(other => this.#isPlaced[other])
    const place = `${open.join()}<${beyond}|${used.join()}|${key}`
    if (this.#seen.has(place)) return false
    this.#seen.add(place)
    const candidates = open.filter(other => this.#isFree(other))
    let moves = this.#movesOf(candidates, state, key)
    const still = moves.find(move => this.#onlyReads(move.index))
    if (moves.length === 0) this.#note(candidates, index, key)
    if (still !== undefined) moves = [still]
    else {
      const late = this.#unanswered.filter(other => !this.#isPlaced[other] && this.#isFree(other) &&
        (this.#operations[other] as Operation<In, Out>).startMs <= untilMs)
      moves.push(...this.#movesOf(late, state, key).filter(move => move.key !== key))
    }
    if (from !== undefined && this.#operations[index]?.endMs === Infinity) {
      moves = moves.filter(move => this.#step(move.index, from.state, from.key)?.key !== move.key)
    }
    this.#path.push({ placed: index, state, key, moves, tried: 0 })
    return true
  }

  /**
   * The open operations that start before any of them has ended, and the first beyond, which together tell all that is
   * open: nothing beyond can have been placed.
   */
  #window (): { open: number[], beyond: number, untilMs: number } {
    const open: number[] = []
    let untilMs = Infinity
    let index = this.#next[this.#operations.length] as number
    for (;;) {
      const operation = this.#operations[index]
      if (operation === undefined || operation.startMs > untilMs) return { open, beyond: index, untilMs }
      open.push(index)
      untilMs = Math.min(untilMs, operation.endMs)
      index = this.#next[index] as number
    }
  }

  #isFree (index: number): boolean {
    return (this.#before[index] as readonly number[]).every(other => this.#isPlaced[other])
  }

  #onlyReads (index: number): boolean {
    const { input, output } = this.#operations[index] as Operation<In, Out>
    return output !== undefined && (this.#model.onlyReads?.(input, output) ?? false)
  }

  #movesOf (indices: readonly number[], state: State, key: string): Array<Move<State>> {
    return indices.map(index => this.#step(index, state, key)).filter(move => move !== undefined)
  }

  #step (index: number, from: State, fromKey: string): Move<State> | undefined {
    const known = this.#moves[index] as Map<string, Move<State> | undefined>
    if (known.has(fromKey)) return known.get(fromKey)
    const { input, output } = this.#operations[index] as Operation<In, Out>
    const state = this.#model.step(from, input, output)
    const move = state === undefined ? undefined : { index, state, key: this.#model.key(state) }
    known.set(fromKey, move)
    return move
  }

  /** Keeps the way to a place where no answered operation fits, if none has led further. */
  #note (candidates: readonly number[], index: number, key: string): void {
    if (this.#answeredPlaced <= this.#longestAnswered) return
    const way = [...this.#path.map(({ placed }) => placed), index]
    const at = (other: number): Operation<In, Out> => this.#operations[other] as Operation<In, Out>
    this.#longestAnswered = this.#answeredPlaced
    this.#longest = { longest: way.slice(1).map(at), state: key, stuckOn: candidates.map(at) }
  }

  #place (index: number): void {
    this.#isPlaced[index] = 1
    if (this.#operations[index]?.endMs === Infinity) return
    this.#answeredPlaced++
    this.#link(this.#previous[index] as number, this.#next[index] as number)
  }

  // What was placed last is taken back first, so its neighbours in the ring are still those that it had.
  #unplace (index: number): void {
    if (index === this.#operations.length) return
    this.#isPlaced[index] = 0
    if (this.#operations[index]?.endMs === Infinity) return
    this.#answeredPlaced--
    this.#next[this.#previous[index] as number] = index
    this.#previous[this.#next[index] as number] = index
  }

  #link (left: number, right: number): void {
    this.#next[left] = right
    this.#previous[right] = left
  }
}

// In virtual time a client often calls again in the very millisecond in which it was answered.
function touching<In, Out> (sorted: ReadonlyArray<Operation<In, Out>>): number[][] {
  const ended = new Map<string | number, Map<number, number[]>>()
  return sorted.map(({ process, startMs, endMs }, index) => {
    const own = ended.get(process) ?? new Map<number, number[]>()
    const before = [...own.get(startMs) ?? []]
    ended.set(process, own.set(endMs, [...own.get(endMs) ?? [], index]))
    return before
  })
}

import type { Cancel, NodeId } from '@welkin/interface'
import type { StoryKind, StoryLine } from './record.ts'

/** Of one run; what comes later is left out. */
const LINES_MAX = 50_000
const THE_END = 'the story ends here, for it is too long; a trace has all'

/** By these a node says that it holds another to be down. */
const DOWN: readonly string[] = ['nodeDown', 'zoneDown']

/** What happens in a run, line by line. */
export class Story {
  readonly lines: StoryLine[] = []
  readonly #nowMs: () => number
  readonly #linesMax: number
  readonly #onLine: (line: StoryLine) => void
  #leftOut = 0
  #downs = 0
  #firstDown: string | undefined
  readonly #partitions = new Set<ReadonlyArray<readonly NodeId[]>>()

  constructor (
    nowMs: () => number,
    { linesMax = LINES_MAX, onLine = () => {} }: { linesMax?: number, onLine?: (line: StoryLine) => void } = {}
  ) {
    this.#nowMs = nowMs
    this.#linesMax = linesMax
    this.#onLine = onLine
  }

  /** Lines that came after the story had become too long. */
  get linesLeftOut (): number {
    return this.#leftOut
  }

  /** How often somebody was held to be down, and who said it first of whom; all count, wherever the story ends. */
  get downs (): { count: number, first: string | undefined } {
    return { count: this.#downs, first: this.#firstDown }
  }

  tell (kind: StoryKind, nodes: readonly NodeId[], text: string): void {
    if (this.lines.length < this.#linesMax) this.#add({ atMs: this.#nowMs(), kind, nodes, text })
    else if (this.#leftOut++ === 0) this.#add({ atMs: this.#nowMs(), kind: 'phase', nodes: [], text: THE_END })
  }

  /** A node says that something has happened, and about whom or what. */
  tellEvent (node: NodeId, type: string, about: Readonly<Record<string, unknown>>): void {
    const told = Object.values(about).filter(value => value !== null && value !== undefined).map(String)
    const text = [type, ...new Set(told)].join(' ')
    if (DOWN.includes(type)) {
      this.#downs++
      this.#firstDown ??= `${node} ${text}`
    }
    this.tell('event', [node], text)
  }

  /** Nothing passes between these groups until the returned function is called. */
  part (groups: ReadonlyArray<readonly NodeId[]>): Cancel {
    this.#partitions.add(groups)
    return () => { this.#partitions.delete(groups) }
  }

  /** The latest groups between which nothing passes; empty: there are none. */
  get partition (): ReadonlyArray<readonly NodeId[]> {
    return [...this.#partitions].at(-1) ?? []
  }

  #add (line: StoryLine): void {
    this.lines.push(line)
    this.#onLine(line)
  }
}

import type { Cancel, NodeId } from '@welkin/interface'
import type { StoryKind, StoryLine } from './record.ts'

/** Of one run; what comes later is left out. */
const LINES_MAX = 50_000

/** What happens in a run, line by line. */
export class Story {
  readonly lines: StoryLine[] = []
  readonly #nowMs: () => number
  readonly #onLine: (line: StoryLine) => void
  readonly #partitions = new Set<ReadonlyArray<readonly NodeId[]>>()

  constructor (nowMs: () => number, onLine: (line: StoryLine) => void = () => {}) {
    this.#nowMs = nowMs
    this.#onLine = onLine
  }

  tell (kind: StoryKind, nodes: readonly NodeId[], text: string): void {
    if (this.lines.length >= LINES_MAX) return
    const line = { atMs: this.#nowMs(), kind, nodes, text }
    this.lines.push(line)
    this.#onLine(line)
  }

  /** A node says that something has happened, and about whom or what. */
  tellEvent (node: NodeId, type: string, about: Readonly<Record<string, unknown>>): void {
    const told = Object.values(about).filter(value => value !== null && value !== undefined).map(String)
    this.tell('event', [node], [type, ...new Set(told)].join(' '))
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
}

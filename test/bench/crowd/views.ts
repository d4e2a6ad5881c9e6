/** How one node sees another; one that is suspected is still held to be up. */
export type Sight = 'up' | 'suspected' | 'down'

/** `observer` came to see `subject` so; `atMs` is by the machine's wall clock, which all its processes share. */
export interface Change { atMs: number, observer: string, subject: string, sight: Sight }

/** What nodes think of one another, put together from what each has told of its changes of mind. Pure. */
export class Views {
  readonly #changes: Change[] = []
  /** The latest change by observer and subject. */
  readonly #latest = new Map<string, Map<string, Change>>()

  hear (changes: readonly Change[]): void {
    for (const change of changes) {
      const { observer, subject } = change
      const latest = this.#latest.get(observer) ?? new Map<string, Change>()
      this.#latest.set(observer, latest.set(subject, change))
      this.#changes.push(change)
    }
  }

  /** When the last of `observers` came to see the last of `subjects` so; undefined: some do not. */
  agreedMs (observers: readonly string[], subjects: readonly string[], sight: Sight): number | undefined {
    let agreedMs = 0
    for (const observer of observers) {
      for (const subject of subjects) {
        const latest = this.#latest.get(observer)?.get(subject)
        if (latest?.sight !== sight) return undefined
        agreedMs = Math.max(agreedMs, latest.atMs)
      }
    }
    return agreedMs
  }

  /** The nodes that anybody came to see so from `sinceMs` on. */
  seen (sight: Sight, sinceMs: number): Set<string> {
    const changes = this.#changes.filter(change => change.atMs >= sinceMs && change.sight === sight)
    return new Set(changes.map(({ subject }) => subject))
  }
}

import type { Cancel } from '@welkin/interface'

/** Who wants to be told of what, by key. */
export class Watchers<Key> {
  readonly #watchers = new Map<Key, Set<() => void>>()

  add (key: Key, watcher: () => void): Cancel {
    const ofKey = this.#watchers.get(key) ?? new Set()
    const own = (): void => watcher() // one function may be added twice
    this.#watchers.set(key, ofKey.add(own))
    return () => {
      ofKey.delete(own)
      if (ofKey.size === 0 && this.#watchers.get(key) === ofKey) this.#watchers.delete(key)
    }
  }

  tell (key: Key): void {
    for (const watcher of this.#watchers.get(key) ?? []) watcher()
  }
}

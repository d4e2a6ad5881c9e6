/** Who wants to be told of what, by key. */
export class Watchers {
    #watchers = new Map();
    add(key, watcher) {
        const ofKey = this.#watchers.get(key) ?? new Set();
        const own = () => watcher(); // one function may be added twice
        this.#watchers.set(key, ofKey.add(own));
        return () => {
            ofKey.delete(own);
            if (ofKey.size === 0 && this.#watchers.get(key) === ofKey)
                this.#watchers.delete(key);
        };
    }
    tell(key) {
        for (const watcher of this.#watchers.get(key) ?? [])
            watcher();
    }
}
//# sourceMappingURL=watchers.js.map
import type { Cancel } from '@welkin/interface';
/** Who wants to be told of what, by key. */
export declare class Watchers<Key> {
    #private;
    add(key: Key, watcher: () => void): Cancel;
    tell(key: Key): void;
}

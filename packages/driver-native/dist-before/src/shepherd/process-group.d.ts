/** Sends `signal` to every process of a group; one that is empty, or holds only processes of others, is left alone. */
export declare function signalGroup(leader: number, signal: NodeJS.Signals): void;

/** Both ends of a pipe; `name` is what it is given back under. */
export interface Pipe {
    name: string;
    readFile: number;
    writeFile: number;
}
/**
 * Pipes for what tasks write. Node itself makes socket pairs instead, over which `echo > /dev/stderr` fails with ENXIO.
 * The only pipes that it can open are named ones; they are made by `mkfifo`, many at a time, and used again and again,
 * since making one costs as much as half a spawn. (They would not do for input: whoever opens `/dev/stdin` after the
 * last writer has gone would wait for another for ever.)
 */
export declare class PipePool {
    #private;
    /** Empties the directory: nobody else has pipes there. */
    constructor(directory: string);
    /** Reading does not block, writing does. Rejects ENOSPC, EAGAIN. */
    open(): Promise<Pipe>;
    /** Takes back a pipe that has no open end any more. */
    putBack(name: string): void;
    /** Gives up a pipe that somebody may still hold an end of. */
    discard(name: string): void;
    close(): void;
}

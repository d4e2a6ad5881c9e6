import type { Pipe, PipePool } from './pipe-pool.ts';
/** Takes what came and never rejects; the next piece is read when it has resolved. */
export type Sink = (bytes: Uint8Array) => Promise<void>;
/** Carries all that a program writes to one pipe into a sink; a slow sink makes the program wait. */
export declare class Pump {
    #private;
    /** Reads from now on. */
    constructor(pipe: Pipe, pool: PipePool, sink: Sink);
    /** Resolves when nothing more will come and all has been sunk; called after the program's end. */
    drain(): Promise<void>;
}

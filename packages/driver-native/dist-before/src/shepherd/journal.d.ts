import { type ObjectId } from '@welkin/interface';
import type { Trace } from '../protocol.ts';
/**
 * The last trace of every object that is not forgotten, one line each, newest last. One file for all, since making a
 * file for each task costs a hundred times what a line here does. It survives the death of any process, but not a power
 * cut, which no task survives either. Written synchronously: whoever hears of a trace can rely on it being there.
 */
export declare class Journal {
    #private;
    /** Reads what is there. Throws the machine's own error. */
    constructor(path: string);
    get(id: ObjectId): Trace | undefined;
    traces(): Trace[];
    /** Throws ENOSPC, EIO: then it is known here, and written by the next call that finds room. */
    put(trace: Trace): void;
    /** Throws as `put` does. */
    forget(id: ObjectId): void;
}

import { type Handler } from '@welkin/interface';
import type { UnixConnection } from '@welkin/link-unix';
import type { Call } from '@welkin/wire';
import { type SegmentOptions } from '../protocol.ts';
import type { Journal } from './journal.ts';
import type { PipePool } from './pipe-pool.ts';
import { type TaskSurroundings } from './running-task.ts';
export interface HerdOptions {
    directory: string;
    journal: Journal;
    pool: PipePool;
    segments: SegmentOptions;
    log: TaskSurroundings['log'];
    /** Called whenever a task or a connection has ended. */
    changed(): void;
    /** Called when all was ended by order. */
    dismissed(): void;
}
/** All tasks of one data directory, and the answers to whoever orders something about them. */
export declare class Herd {
    #private;
    constructor(options: HerdOptions);
    /** Whether there is neither a task nor anybody who could order one. */
    get idle(): boolean;
    /** Ends what a predecessor that died has left, and records it as lost. */
    settleOrphans(): Promise<void>;
    /** Takes orders from one connection, and sends it the news. */
    serve(connection: UnixConnection): Handler<Call>;
    /** Resolves when all tasks have ended; none is started any more. */
    endAll(graceMs: number): Promise<void>;
}

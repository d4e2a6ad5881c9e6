import { type TaskExit } from '@welkin/interface';
import { type LaunchOrder } from './launch.ts';
import type { PipePool } from './pipe-pool.ts';
export interface FurtherOutcome {
    exit: TaskExit;
    stdout: Buffer;
    stderr: Buffer;
}
/**
 * Runs a program to its end, or until `signal` aborts. Rejects as `launch` does, ECANCELED or whatever the signal says,
 * and E2BIG for a program that writes more than 1 MiB; nothing of it is left running.
 */
export declare function runFurther(order: LaunchOrder, pool: PipePool, signal: AbortSignal): Promise<FurtherOutcome>;

import type { StartedTask } from '../protocol.ts';
/**
 * Ends what is left of a task whose shepherd died. Nobody reads what it writes and nobody can learn how it ends, so it
 * cannot be adopted honestly. Another process that has come by the same pid is left alone.
 */
export declare function endOrphan(task: StartedTask, bootId: string | undefined): Promise<void>;

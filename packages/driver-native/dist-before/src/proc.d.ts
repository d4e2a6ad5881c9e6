import type { TaskUsage } from '@welkin/interface';
/** Identifies this run of the machine; undefined where it does not say. */
export declare function readBootId(): string | undefined;
/** When a process started, in ticks since boot; undefined where there is none, or the machine does not say. */
export declare function readStartTicks(pid: number): number | undefined;
/** Whether this very process has not ended; one that nobody has waited for yet has. */
export declare function isRunning(pid: number, startTicks: number): boolean;
/** What a process and its descendants use, without those whose parent has ended; empty where that is not told. */
export declare function readUsage(pid: number): Promise<TaskUsage>;

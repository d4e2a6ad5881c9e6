import { type ObjectId, type TaskEnd } from '@welkin/interface';
import type { SegmentOptions, SpawnOrder, StartedTask } from '../protocol.ts';
import type { TaskGroup } from '../cgroups/task-group.ts';
import type { PipePool } from './pipe-pool.ts';
/** What a task needs of the shepherd. */
export interface TaskSurroundings {
    directory: string;
    bootId: string | undefined;
    pool: PipePool;
    segments: SegmentOptions;
    /** The cgroups that make the order's limits hold; undefined where nothing is limited, or cannot be. */
    openGroup(order: SpawnOrder): Promise<TaskGroup | undefined>;
    /** Called after each piece of output that can be read. */
    grown(id: ObjectId): void;
    log(event: string, fields: Record<string, unknown>): void;
}
/** A task from its start to its end, output included. */
export declare class RunningTask {
    #private;
    readonly started: StartedTask;
    /** Settles when all that the task wrote can be read, and nothing of it runs any more; never rejects. */
    readonly ended: Promise<TaskEnd>;
    /** Rejects as `launch` does, with nothing left. */
    static start(order: SpawnOrder, surroundings: TaskSurroundings): Promise<RunningTask>;
    private constructor();
    /** What a further program beside it gets. */
    get env(): Readonly<Record<string, string>>;
    /** How a further program comes under the same limits. */
    get joins(): readonly string[];
    /** To the main process. Throws ESRCH after its end. */
    signal(name: string): void;
    /** SIGTERM to all its processes, SIGKILL after `graceMs`; the last call counts. After the end it does nothing. */
    stop(graceMs: number): void;
    /** Resolves when there is room for more. Rejects EPIPE, and EINVAL where the task has no input. */
    write(bytes: Uint8Array): Promise<void>;
    endInput(): void;
}

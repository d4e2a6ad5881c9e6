import { type Clock, type Logger, type ObjectId, type TaskEnd } from '@welkin/interface';
import { NativeTask } from './native-task.ts';
import { type ShepherdOptions, type SpawnOrder } from './protocol.ts';
export interface WatchedTasksOptions {
    directory: string;
    shepherd: ShepherdOptions;
    clock: Clock;
    log: Logger;
    /** Called when an object has written more, and when it has ended. */
    onChange(id: ObjectId): void;
}
/** The running tasks that this life of the daemon knows of, and how each of them comes to an end. */
export declare class WatchedTasks {
    #private;
    constructor(options: WatchedTasksOptions);
    /** Rejects as `launch` does, EBUSY for what runs, and EAGAIN when the shepherd died over it; then nothing is left. */
    spawn(order: SpawnOrder): Promise<NativeTask>;
    /** The task that runs, or how the last one of the object ended; undefined where none is known. */
    find(id: ObjectId): Promise<NativeTask | TaskEnd | undefined>;
    /** Rejects EBUSY for a task that runs. */
    forget(id: ObjectId): Promise<void>;
    /** Lets go of all tasks: they run on, and none is heard of any more. */
    close(): Promise<void>;
}

import { type ObjectId, type Task, type TaskEnd, type TaskUsage } from '@welkin/interface';
import type { StartedTask } from './protocol.ts';
import type { ShepherdClient } from './shepherd-client.ts';
/** A task that the shepherd watches over. */
export declare class NativeTask implements Task {
    #private;
    readonly ended: Promise<TaskEnd>;
    constructor(started: StartedTask, ended: Promise<TaskEnd>, shepherd: ShepherdClient);
    get id(): ObjectId;
    get pid(): number;
    get startedAtMs(): number;
    signal(name: string): Promise<void>;
    stop(graceMs: number): Promise<void>;
    write(bytes: Uint8Array): Promise<void>;
    endInput(): Promise<void>;
    usage(): Promise<TaskUsage>;
    exec: NonNullable<Task['exec']>;
}

import type { ObjectId, TaskUsage } from '@welkin/interface';
import type { Limits } from '../protocol.ts';
import type { Places } from './places.ts';
/** What is known of a group when it is over. */
export interface GroupEnd {
    /** Whether the kernel killed a process of it for want of memory. */
    outOfMemory: boolean;
    usage: TaskUsage;
}
/** The cgroups of one task, one below each of the places given. */
export declare class TaskGroup {
    #private;
    constructor(places: Places, id: ObjectId);
    /** Files to which a process writes `0` to enter. */
    get joins(): string[];
    /** Makes the cgroups and sets limits. Rejects EACCES, EAGAIN, ENOSPC, EINVAL with nothing left. */
    open(limits: Limits): Promise<void>;
    /** Ends all processes in it and removes it. */
    close(): Promise<GroupEnd>;
    usage(): Promise<TaskUsage>;
}

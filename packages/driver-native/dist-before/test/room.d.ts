import { type Clock, type Driver, type ObjectId, type OutputStream, type Task, type TaskEnd, type TaskFile, type TaskSpec } from '@welkin/interface';
import { type NativeDriverOptions } from '../src/index.ts';
export declare const ID = "0123456789abcdef0123456789abcdef";
export declare const clock: Clock;
/** The `n`th of many ids. */
export declare const idOf: (n: number) => ObjectId;
export declare const shell: (script: string, ...args: string[]) => string[];
export declare function specOf(argv: readonly string[], rest?: Partial<TaskSpec>): TaskSpec;
/** A data directory with its drivers, of which one after the other lives. */
export declare class Room {
    #private;
    readonly directory: string;
    static open(options?: Partial<NativeDriverOptions>): Promise<Room>;
    private constructor();
    driver(): Promise<Driver>;
    endShepherd(): Promise<void>;
    /** Where what the task wrote to its directory stands. */
    work(path: string, id?: string): string;
    /** A file of this machine that a spec can name. */
    file(path: string, content: string, { executable, mode }?: {
        executable?: boolean | undefined;
        mode?: number | undefined;
    }): Promise<TaskFile>;
    close(): Promise<void>;
}
export declare function textOf(driver: Driver, stream?: OutputStream, id?: string): Promise<string>;
/** Resolves to the standard output as soon as it is so. */
export declare function untilOutput(driver: Driver, pattern: RegExp, id?: string): Promise<string>;
export declare function isTask(trace: Task | TaskEnd | undefined): trace is Task;
/** The process that started `pid`. */
export declare function parentOf(pid: number): Promise<number>;
/** Resolves when the process has ended; whoever ought to may not have waited for it yet. */
export declare function untilGone(pid: number): Promise<void>;
export declare function failureOf(promise: Promise<unknown>): Promise<{
    code: string;
    message: string;
}>;

import type { Writable } from 'node:stream';
import type { Pipe, PipePool } from './pipe-pool.ts';
export interface LaunchOrder {
    argv: readonly string[];
    /** The whole environment; holds PATH. */
    env: Readonly<Record<string, string>>;
    workDirectory: string;
    /** Whether standard input is a pipe; else it is empty. */
    input: boolean;
    /** Files that a process enters its cgroups by; it does so before the program begins. */
    joins: readonly string[];
}
/** How a process ended; one of the two is null. */
export interface ProcessExit {
    code: number | null;
    signal: NodeJS.Signals | null;
}
export interface Launched {
    pid: number;
    stdout: Pipe;
    stderr: Pipe;
    /** Where the program has input. */
    stdin: Writable | null;
    exit: Promise<ProcessExit>;
}
/**
 * Starts a program as the leader of a session and process group of its own. Rejects ENOENT, EACCES, ENOEXEC, E2BIG,
 * EAGAIN, ENOSPC with nothing left.
 */
export declare function launch(order: LaunchOrder, pool: PipePool): Promise<Launched>;

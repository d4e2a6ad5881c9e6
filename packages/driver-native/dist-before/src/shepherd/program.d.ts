/**
 * The path of the program that `name` means to a process with this working directory and PATH. Throws ENOENT, EACCES,
 * ENOEXEC. All this could be left to exec, which on most systems gives a program of no known format to the shell, and
 * says ENOENT when only its interpreter is missing; here each gets its own, clear error. Synchronous, as the spawn is.
 */
export declare function findProgram(name: string, workDirectory: string, searchPath: string): string;

/**
 * The content of a file that a task wrote. Rejects ENOENT, and EINVAL for what is not a regular file or stands outside
 * of the working directory, however it is linked, and also when the task changes its directories meanwhile.
 */
export declare function collectFile(workDirectory: string, path: string): AsyncGenerator<Uint8Array>;

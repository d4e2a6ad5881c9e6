import { type TaskFile } from '@welkin/interface';
/** Throws EINVAL for a path that is not strictly below the working directory. */
export declare function checkFilePath(path: string): void;
/**
 * Puts a file into the working directory; what stands there already is replaced or, with `keep`, left as it is. Rejects
 * EINVAL, ENOSPC, EACCES, EIO, or as the file's own `open` does, with no part of it left.
 */
export declare function putFile(workDirectory: string, file: TaskFile, { keep }: {
    keep: boolean;
}): Promise<void>;
/** Throws EINVAL where a link leads out of the working directory. */
export declare function checkInside(workDirectory: string, path: string, name: string): Promise<void>;

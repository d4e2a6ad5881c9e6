import type { OutputStream } from '@welkin/interface';
import type { SegmentOptions } from '../protocol.ts';
/** Asked when something could not be written; resolves, in its own time, to whether to try again. */
export type Retry = (error: unknown) => Promise<boolean>;
/** Writes one stream of one object into segments; a file is made only when there is something to write. */
export declare class SegmentWriter {
    #private;
    constructor(directory: string, stream: OutputStream, options: SegmentOptions);
    /** Resolves when all of `bytes` can be read from the files, or the rest was given up; never rejects. */
    append(bytes: Uint8Array, retry: Retry): Promise<void>;
    close(): Promise<void>;
}

import type { Cancel, OutputChunk, OutputPosition, TaskOutput } from '@welkin/interface';
/** Output as it stands in the segments of a task's directory. */
export declare class SegmentOutput implements TaskOutput {
    #private;
    constructor(directory: string, watch: (watcher: () => void) => Cancel);
    read(from: OutputPosition, bytesMax: number): Promise<OutputChunk[]>;
    size(): Promise<OutputPosition>;
    watch(watcher: () => void): Cancel;
}

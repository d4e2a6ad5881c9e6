import { type ObjectId, type OutputStream } from '@welkin/interface';
/** Everything that is kept of one object. Throws EINVAL for what is not an object's id, since it becomes a path. */
export declare function taskDirectory(directory: string, id: ObjectId): string;
/** Where the object's programs run. */
export declare function workDirectory(directory: string, id: ObjectId): string;
/** A part of what an object wrote to one stream; its file is named after the place of its first byte in the whole. */
export interface Segment {
    stream: OutputStream;
    offset: number;
    path: string;
}
export declare function segmentPath(directory: string, stream: OutputStream, offset: number): string;
/** The segments among the file names of a task's directory, oldest first. */
export declare function segmentsAmong(names: readonly string[], directory: string, stream: OutputStream): Segment[];

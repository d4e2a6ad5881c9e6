import { type ShepherdOptions } from './protocol.ts';
/**
 * Starts the shepherd of `directory`, in a session of its own; resolves when it listens. Rejects EADDRINUSE when one
 * lives already, EACCES, ENOSPC, EIO; its log, in the same directory, has the story.
 */
export declare function launchShepherd(directory: string, options: ShepherdOptions): Promise<void>;

/** Native processes as tasks: they are the children of a shepherd that outlives the daemon. */
import type { Driver } from '@welkin/interface';
import type { NativeDriverOptions } from './options.ts';
export { endShepherd } from './end-shepherd.ts';
export type { NativeDriverOptions } from './options.ts';
/** A driver whose tasks, output and exit statuses outlive the daemon; one driver at a time per directory. */
export declare function createNativeDriver(options: NativeDriverOptions): Driver;

import { type Clock, type Logger } from '@welkin/interface';
import type { ShepherdOptions } from './protocol.ts';
export interface NativeDriverOptions extends Partial<ShepherdOptions> {
    /** Where everything is kept; exists, and belongs to this driver alone. Its path has at most 93 bytes. */
    directory: string;
    clock: Clock;
    log: Logger;
}
/** What the shepherd is started with. Throws EINVAL for what is not a whole number above 0. */
export declare function shepherdOptions({ lingerMs, segmentBytes, segmentsMax }: Partial<ShepherdOptions>): ShepherdOptions;

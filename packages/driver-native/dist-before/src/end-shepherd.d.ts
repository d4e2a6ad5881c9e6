import type { Clock, Logger } from '@welkin/interface';
/**
 * Ends all native tasks of a data directory whose daemon is gone, and their shepherd: SIGTERM, and SIGKILL after
 * `graceMs` (0 unless given). Where nothing ever ran, or nothing runs, it does nothing. Rejects as `connectUnix` does.
 */
export declare function endShepherd({ clock, directory, graceMs, log }: {
    directory: string;
    graceMs?: number;
    clock: Clock;
    log: Logger;
}): Promise<void>;

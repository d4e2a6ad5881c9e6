/** A cgroup of ours, below which others can be made. */
export interface Place {
    version: 1 | 2;
    directory: string;
}
export type Controller = 'cpu' | 'cpuacct' | 'memory';
/** Where each controller regulates; what may not be used is left out. Plain data: it crosses to the shepherd. */
export type Places = Partial<Record<Controller, Place>>;
/**
 * The cgroups that a process is in, from its /proc/self/mountinfo and /proc/self/cgroup: for each controller that
 * version 1 has mounted, its own; for the others that of version 2, where it is mounted. A path is relative to its
 * hierarchy, of which a container may see but a part.
 */
export declare function findPlaces(mountinfo: string, cgroup: string, controllers: readonly Controller[]): Places;

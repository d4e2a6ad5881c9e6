import { type Places } from './places.ts';
export interface Probe {
    places: Places;
    /** Why limits on CPU or memory cannot hold here and how they could; undefined where they do. */
    reason: string | undefined;
}
/** Finds by trying in which cgroups this process may make others. `proc`: where it learns which it is in. */
export declare function probeCgroups(proc?: string): Promise<Probe>;

import { shepherdOptions } from './options.js';
import { ShepherdClient } from './shepherd-client.js';
/**
 * Ends all native tasks of a data directory whose daemon is gone, and their shepherd: SIGTERM, and SIGKILL after
 * `graceMs` (0 unless given). Where nothing ever ran, or nothing runs, it does nothing. Rejects as `connectUnix` does.
 */
export async function endShepherd({ clock, directory, graceMs = 0, log }) {
    const shepherd = new ShepherdClient({
        directory, shepherd: shepherdOptions({}), clock, log, onNews: () => { }, onLost: () => { }
    });
    try {
        if (await shepherd.hasHistory())
            await shepherd.ask({ call: 'endAll', graceMs });
    }
    finally {
        await shepherd.close();
    }
}
//# sourceMappingURL=end-shepherd.js.map
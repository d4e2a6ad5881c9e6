import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CloudError, reviveError } from '@welkin/interface';
import { LOG_NAME } from './protocol.js';
const MAIN = fileURLToPath(new URL('./shepherd/main.js', import.meta.url));
/** A small heap is a quick fork: its pages are what a spawn has to copy the tables of. */
const NODE_FLAGS = ['--max-semi-space-size=1', '--no-warnings'];
/**
 * Starts the shepherd of `directory`, in a session of its own; resolves when it listens. Rejects EADDRINUSE when one
 * lives already, EACCES, ENOSPC, EIO; its log, in the same directory, has the story.
 */
export async function launchShepherd(directory, options) {
    const log = await open(join(directory, LOG_NAME), 'a', 0o600);
    try {
        const child = spawn(process.execPath, [...NODE_FLAGS, MAIN, directory, JSON.stringify(options)], {
            cwd: directory,
            detached: true,
            env: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
            stdio: ['ignore', log.fd, log.fd, 'pipe']
        });
        child.unref();
        const readiness = await readinessOf(child, directory);
        if (!readiness.ready)
            throw reviveError(readiness.error);
    }
    finally {
        await log.close();
    }
}
async function readinessOf(child, directory) {
    const pipe = child.stdio[3];
    let text = '';
    try {
        for await (const piece of pipe.setEncoding('utf8'))
            text += piece;
        return JSON.parse(text);
    }
    catch (error) {
        const log = join(directory, LOG_NAME);
        throw new CloudError('EIO', `The shepherd of native tasks did not start; ${log} has the story.`, { cause: error });
    }
}
//# sourceMappingURL=launch-shepherd.js.map
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Gate } from '@welkin/async';
import { asCloudError } from '../faults.js';
import { findProgram } from './program.js';
/** Enters the cgroups named before `--`, then becomes the program after it. */
const JOIN_SCRIPT = 'while [ "$1" != -- ]; do echo 0 > "$1" || exit 126; shift; done; shift; exec "$@"';
/**
 * One spawn a turn: it blocks the process for about a millisecond, and output, orders and exits wait to be seen to.
 * (Spawns on threads of their own were tried and cost three times the CPU: a fork write-protects every thread's pages.)
 */
const turns = new Gate(1);
/**
 * Starts a program as the leader of a session and process group of its own. Rejects ENOENT, EACCES, ENOEXEC, E2BIG,
 * EAGAIN, ENOSPC with nothing left.
 */
export async function launch(order, pool) {
    const { argv, env, input, workDirectory } = order;
    const program = findProgram(argv[0], workDirectory, env.PATH ?? '');
    const pipes = [];
    try {
        const stdout = await pool.open();
        pipes.push(stdout);
        const stderr = await pool.open();
        pipes.push(stderr);
        await turns.run(nextTurn);
        const child = spawnProgram(program, order, [input ? 'pipe' : 'ignore', stdout.writeFile, stderr.writeFile]);
        if (child.pid === undefined)
            await failureOf(child);
        const exit = exitOf(child);
        for (const { writeFile } of pipes)
            closeSync(writeFile);
        return { pid: child.pid, stdout, stderr, stdin: child.stdin, exit };
    }
    catch (error) {
        for (const { name, readFile, writeFile } of pipes) {
            closeSync(readFile);
            closeSync(writeFile);
            pool.putBack(name);
        }
        throw asCloudError(error, `"${argv[0]}" could not be started`);
    }
}
function spawnProgram(program, order, stdio) {
    const { argv, env, joins, workDirectory } = order;
    const options = { cwd: workDirectory, env, stdio, detached: true };
    if (joins.length === 0)
        return spawn(program, argv.slice(1), { ...options, argv0: argv[0] });
    return spawn('/bin/sh', ['-c', JOIN_SCRIPT, 'sh', ...joins, '--', ...argv], options);
}
async function failureOf(child) {
    return await new Promise((_resolve, reject) => child.once('error', reject));
}
async function exitOf(child) {
    return await new Promise(resolve => child.once('exit', (code, signal) => resolve({ code, signal })));
}
//# sourceMappingURL=launch.js.map
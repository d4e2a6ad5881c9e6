import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SILENT } from '@welkin/interface';
import { createNativeDriver, endShepherd } from '../src/index.js';
export const ID = '0123456789abcdef0123456789abcdef';
export const clock = {
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
    after: (delayMs, callback) => {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
    }
};
/** The `n`th of many ids. */
export const idOf = (n) => n.toString(16).padStart(32, '0');
export const shell = (script, ...args) => ['sh', '-c', script, 'sh', ...args];
export function specOf(argv, rest = {}) {
    return { id: ID, attempt: 0, argv, env: {}, files: [], limits: {}, input: false, ...rest };
}
/** A data directory with its drivers, of which one after the other lives. */
export class Room {
    directory;
    #options;
    #drivers = [];
    static async open(options = {}) {
        return new Room(await mkdtemp(join(tmpdir(), 'welkin-native-')), options);
    }
    constructor(directory, options) {
        this.directory = directory;
        this.#options = options;
    }
    async driver() {
        const driver = createNativeDriver({ directory: this.directory, clock, log: SILENT, ...this.#options });
        this.#drivers.push(driver);
        await driver.start();
        return driver;
    }
    async endShepherd() {
        await endShepherd({ directory: this.directory, clock, log: SILENT });
    }
    /** Where what the task wrote to its directory stands. */
    work(path, id = ID) {
        return join(this.directory, 'tasks', id, 'work', path);
    }
    /** A file of this machine that a spec can name. */
    async file(path, content, { executable = false, mode = 0o444 } = {}) {
        const localPath = join(this.directory, `blob-${path.replaceAll('/', '-')}`);
        await writeFile(localPath, content);
        await chmod(localPath, mode);
        return { path, executable, localPath, async *open() { yield Buffer.from(content); } };
    }
    async close() {
        for (const driver of this.#drivers)
            await driver.stop();
        await this.endShepherd();
        await rm(this.directory, { recursive: true });
    }
}
export async function textOf(driver, stream = 'stdout', id = ID) {
    const chunks = await driver.output(id).read({ stdout: 0, stderr: 0 }, 16 * 1024 * 1024);
    return Buffer.concat(chunks.filter(chunk => chunk.stream === stream).map(({ bytes }) => bytes)).toString();
}
/** Resolves to the standard output as soon as it is so. */
export async function untilOutput(driver, pattern, id = ID) {
    let changed = () => { };
    const cancel = driver.output(id).watch(() => changed());
    try {
        for (;;) {
            const change = new Promise(resolve => { changed = resolve; });
            const output = await textOf(driver, 'stdout', id);
            if (pattern.test(output))
                return output;
            await change;
        }
    }
    finally {
        cancel();
    }
}
export function isTask(trace) {
    return trace !== undefined && 'ended' in trace;
}
/** The process that started `pid`. */
export async function parentOf(pid) {
    return Number(/^PPid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
/** Resolves when the process has ended; whoever ought to may not have waited for it yet. */
export async function untilGone(pid) {
    while (await isAlive(pid))
        await sleep(5);
}
async function isAlive(pid) {
    try {
        return !/^State:\s+[ZX]/m.test(await readFile(`/proc/${pid}/status`, 'utf8'));
    }
    catch {
        return false;
    }
}
export async function failureOf(promise) {
    const outcome = await promise.then(() => undefined, error => error);
    if (outcome === undefined)
        throw new Error('It did not reject.');
    return outcome;
}
//# sourceMappingURL=room.js.map
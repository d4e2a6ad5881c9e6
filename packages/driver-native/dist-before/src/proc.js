import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
const STAT_BYTES_MAX = 4096;
const statBuffer = Buffer.alloc(STAT_BYTES_MAX);
/** Fields of /proc/<pid>/stat after the name, counted from 0 (proc(5) counts from 3). */
const STATE = 0;
/** Then system time, and both of the children that were waited for. */
const USER_TICKS = 11;
const START_TICKS = 19;
const RESIDENT_PAGES = 21;
/** Units of /proc. Both are what Linux has on nearly every machine; Node does not tell. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;
/** Identifies this run of the machine; undefined where it does not say. */
export function readBootId() {
    try {
        return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    }
    catch {
        return undefined; // no Linux
    }
}
/** When a process started, in ticks since boot; undefined where there is none, or the machine does not say. */
export function readStartTicks(pid) {
    const ticks = readStat(pid)?.[START_TICKS];
    return ticks === undefined ? undefined : Number(ticks);
}
/** Whether this very process has not ended; one that nobody has waited for yet has. */
export function isRunning(pid, startTicks) {
    const fields = readStat(pid);
    return fields !== undefined && Number(fields[START_TICKS]) === startTicks && !/[ZX]/.test(fields[STATE]);
}
/** What a process and its descendants use, without those whose parent has ended; empty where that is not told. */
export async function readUsage(pid) {
    const processes = await Promise.all((await readDescendants(pid)).map(readProcess));
    const living = processes.filter(process => process !== undefined);
    if (living.length === 0)
        return {};
    const sum = (key) => living.reduce((total, use) => total + use[key], 0);
    return {
        cpuSeconds: sum('cpuSeconds'),
        memoryBytes: sum('memoryBytes'),
        readBytes: sum('readBytes'),
        writtenBytes: sum('writtenBytes'),
        processes: living.length
    };
}
async function readProcess(pid) {
    const fields = parseStat(await readText(`/proc/${pid}/stat`));
    if (fields === undefined)
        return undefined;
    const io = await readText(`/proc/${pid}/io`);
    const ioBytes = (name) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(io)?.[1] ?? 0);
    return {
        // With what ended children used that were waited for.
        cpuSeconds: [0, 1, 2, 3].reduce((ticks, i) => ticks + Number(fields[USER_TICKS + i]), 0) / TICKS_PER_SECOND,
        memoryBytes: Number(fields[RESIDENT_PAGES]) * PAGE_BYTES,
        readBytes: ioBytes('read_bytes'),
        writtenBytes: ioBytes('write_bytes')
    };
}
async function readDescendants(pid) {
    const children = (await readText(`/proc/${pid}/task/${pid}/children`)).trim();
    const pids = children === '' ? [] : children.split(' ').map(Number);
    return [pid, ...(await Promise.all(pids.map(readDescendants))).flat()];
}
// A process may end while it is looked at; then its files are as if they were empty.
async function readText(path) {
    try {
        return await readFile(path, 'utf8');
    }
    catch {
        return '';
    }
}
// Synchronous and into one buffer: this is done once for each task that starts.
function readStat(pid) {
    try {
        const file = openSync(`/proc/${pid}/stat`, 'r');
        try {
            return parseStat(statBuffer.toString('latin1', 0, readSync(file, statBuffer)));
        }
        finally {
            closeSync(file);
        }
    }
    catch {
        return undefined; // there is no such process, or no /proc
    }
}
// The name, in brackets, may hold anything, brackets too.
function parseStat(text) {
    const nameEnd = text.lastIndexOf(')');
    return nameEnd < 0 ? undefined : text.slice(nameEnd + 2).split(' ');
}
//# sourceMappingURL=proc.js.map
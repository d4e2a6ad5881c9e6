import { constants } from 'node:os';
import { CloudError } from '@welkin/interface';
import { TaskGroup } from './cgroups/task-group.js';
import { readUsage } from './proc.js';
import { checkArguments } from './task-spec.js';
/** Input goes in pieces of this size, as much as a pipe holds. */
const INPUT_PIECE_BYTES = 64 * 1024;
/** A task that the shepherd watches over. */
export class NativeTask {
    ended;
    #started;
    #shepherd;
    #over = false;
    constructor(started, ended, shepherd) {
        this.#started = started;
        this.ended = ended;
        this.#shepherd = shepherd;
        void ended.then(() => { this.#over = true; });
    }
    get id() {
        return this.#started.id;
    }
    get pid() {
        return this.#started.pid;
    }
    get startedAtMs() {
        return this.#started.startedAtMs;
    }
    async signal(name) {
        if (!Object.hasOwn(constants.signals, name)) {
            throw new CloudError('EINVAL', `There is no signal "${name}" here; give a POSIX name such as SIGHUP.`);
        }
        if (this.#over)
            throw new CloudError('ESRCH', 'The task has ended.');
        await this.#shepherd.ask({ call: 'signal', id: this.id, name });
    }
    async stop(graceMs) {
        if (!this.#over)
            await this.#shepherd.ask({ call: 'stop', id: this.id, graceMs });
    }
    async write(bytes) {
        for (let at = 0; at < bytes.byteLength; at += INPUT_PIECE_BYTES) {
            if (this.#over)
                throw new CloudError('EPIPE', 'The task has ended and reads no more.');
            await this.#shepherd.ask({ call: 'write', id: this.id }, { tail: bytes.subarray(at, at + INPUT_PIECE_BYTES) });
        }
    }
    async endInput() {
        if (!this.#over)
            await this.#shepherd.ask({ call: 'endInput', id: this.id });
    }
    async usage() {
        if (this.#over)
            return (await this.ended).usage;
        const { id, pid, places } = this.#started;
        const [group, processes] = await Promise.all([new TaskGroup(places, id).usage(), readUsage(pid)]);
        return { ...processes, ...group };
    }
    exec = async (argv, { signal } = {}) => {
        checkArguments(argv);
        if (this.#over)
            throw new CloudError('ESRCH', 'The task has ended.');
        const { answer, tail } = await this.#shepherd.ask({ call: 'exec', id: this.id, argv }, { signal });
        return { exit: answer.exit, stdout: tail.slice(0, answer.stdoutBytes), stderr: tail.slice(answer.stdoutBytes) };
    };
}
//# sourceMappingURL=native-task.js.map
import { Socket } from 'node:net';
/**
 * A pipe that stays open after its task's end is held by somebody who left the task's process group. It is given up
 * when nothing has come for so long, or so much has come that it cannot have been in the pipe at the end.
 */
const QUIET_MS = 250;
const LATE_BYTES_MAX = 1024 * 1024;
/** Carries all that a program writes to one pipe into a sink; a slow sink makes the program wait. */
export class Pump {
    #socket;
    #sink;
    #done;
    #sinking;
    #lateBytes = 0;
    #quiet;
    /** Reads from now on. */
    constructor(pipe, pool, sink) {
        this.#socket = new Socket({ fd: pipe.readFile, readable: true, writable: false });
        this.#sink = sink;
        this.#socket.on('data', (bytes) => { this.#sinking = this.#pass(bytes); });
        this.#socket.on('error', () => { }); // 'close' follows, and there is nothing to be told beyond it
        let ended = false;
        this.#socket.once('end', () => { ended = true; });
        this.#done = new Promise(resolve => {
            this.#socket.once('close', () => {
                if (ended)
                    pool.putBack(pipe.name);
                else
                    pool.discard(pipe.name);
                resolve();
            });
        });
    }
    /** Resolves when nothing more will come and all has been sunk; called after the program's end. */
    async drain() {
        this.#quiet = setTimeout(() => {
            if (this.#sinking === undefined)
                this.#socket.destroy();
        }, QUIET_MS);
        await this.#done;
        clearTimeout(this.#quiet);
        await this.#sinking;
    }
    async #pass(bytes) {
        this.#socket.pause();
        await this.#sink(bytes);
        this.#sinking = undefined;
        if (this.#quiet !== undefined) {
            this.#quiet.refresh();
            this.#lateBytes += bytes.byteLength;
        }
        if (this.#lateBytes > LATE_BYTES_MAX)
            this.#socket.destroy();
        else
            this.#socket.resume();
    }
}
//# sourceMappingURL=pump.js.map
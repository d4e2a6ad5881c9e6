import { setTimeout as sleep } from 'node:timers/promises';
import { encodeMessage } from '../protocol.js';
/** Growth is told at most so often, so that a task that writes much does not keep its daemon busy with being told. */
const GROWTH_PERIOD_MS = 20;
/** Tells every daemon that is connected what happened. */
export class NewsDesk {
    #readers = new Set();
    /** How many are connected. */
    get readers() {
        return this.#readers.size;
    }
    /** Tells `connection` from now until it ends. */
    async serve({ closed, link }) {
        const send = async (news) => { await link.request(encodeMessage(news)); };
        const reader = {
            ended: new Lane(ended => send({ ended }), 0),
            grown: new Lane(grown => send({ grown }), GROWTH_PERIOD_MS)
        };
        this.#readers.add(reader);
        await closed;
        this.#readers.delete(reader);
    }
    tellEnded(task) {
        for (const { ended } of this.#readers)
            ended.put(task);
    }
    tellGrown(id) {
        for (const { grown } of this.#readers)
            grown.put(id);
    }
}
/** Items on their way to one reader. What comes while it has not taken the last lot goes together in the next. */
class Lane {
    #send;
    #periodMs;
    #items = new Set();
    #busy = false;
    constructor(send, periodMs) {
        this.#send = send;
        this.#periodMs = periodMs;
    }
    put(item) {
        this.#items.add(item);
        if (!this.#busy)
            void this.#run();
    }
    async #run() {
        this.#busy = true;
        while (this.#items.size > 0) {
            const items = [...this.#items];
            this.#items.clear();
            try {
                await this.#send(items);
            }
            catch {
                return; // the connection ended: it stays busy for good, and the next daemon asks for itself
            }
            if (this.#periodMs > 0)
                await sleep(this.#periodMs);
        }
        this.#busy = false;
    }
}
//# sourceMappingURL=news-desk.js.map
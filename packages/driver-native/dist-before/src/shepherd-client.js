import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudError, isCloudError } from '@welkin/interface';
import { connectUnix } from '@welkin/link-unix';
import { launchShepherd } from './launch-shepherd.js';
import { decodeMessage, encodeMessage, JOURNAL_NAME, SOCKET_NAME } from './protocol.js';
/** The driver's end of the connection to its shepherd, who is found or started when there is something to ask. */
export class ShepherdClient {
    #options;
    #connection;
    #closed = false;
    constructor(options) {
        this.#options = options;
    }
    /** Whether there ever was a shepherd here; without one, nothing is known of any task. */
    async hasHistory() {
        if (this.#connection !== undefined)
            return true;
        try {
            await access(join(this.#options.directory, JOURNAL_NAME));
            return true;
        }
        catch {
            return false;
        }
    }
    /**
     * Rejects as the shepherd answers, ECONNRESET when it died meanwhile, ECANCELED after `close`. `tail`: bytes that go
     * with the order.
     */
    async ask(order, { signal, tail } = {}) {
        if (this.#closed)
            throw new CloudError('ECANCELED', 'The driver was stopped; ask the one of its next life.');
        const { link } = await (this.#connection ??= this.#connect());
        const message = tail === undefined ? encodeMessage(order) : encodeMessage(order, tail);
        const { head, tail: answerTail } = decodeMessage(await link.request(message, { signal }));
        return { answer: head, tail: answerTail };
    }
    /** Lets go of the shepherd. */
    async close() {
        this.#closed = true;
        const connection = await this.#connection?.catch(() => undefined);
        connection?.close();
    }
    async #connect() {
        const { directory, onLost, shepherd } = this.#options;
        try {
            let connection = await this.#findShepherd();
            if (connection === undefined) {
                await launchShepherd(directory, shepherd);
                connection = await this.#dial();
            }
            void connection.closed.then(() => {
                this.#connection = undefined;
                if (!this.#closed)
                    onLost();
            });
            return connection;
        }
        catch (error) {
            this.#connection = undefined;
            throw error;
        }
    }
    async #findShepherd() {
        try {
            return await this.#dial();
        }
        catch (error) {
            if (isCloudError(error, 'ENOENT', 'EHOSTDOWN'))
                return undefined;
            throw error;
        }
    }
    async #dial() {
        const { clock, directory, log, onNews } = this.#options;
        return await connectUnix({
            path: join(directory, SOCKET_NAME),
            clock,
            log,
            handler: {
                request: async (payload) => {
                    onNews(decodeMessage(payload).head);
                    return NOTHING;
                },
                channel: async () => { }
            }
        });
    }
}
const NOTHING = new Uint8Array(0);
//# sourceMappingURL=shepherd-client.js.map
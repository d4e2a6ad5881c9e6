import { open, readdir, stat, unlink } from 'node:fs/promises';
import { segmentPath, segmentsAmong } from '../layout.js';
/** Writes one stream of one object into segments; a file is made only when there is something to write. */
export class SegmentWriter {
    #directory;
    #stream;
    #options;
    #segments = [];
    #file;
    /** Bytes of the newest segment. */
    #size = 0;
    constructor(directory, stream, options) {
        this.#directory = directory;
        this.#stream = stream;
        this.#options = options;
    }
    /** Resolves when all of `bytes` can be read from the files, or the rest was given up; never rejects. */
    async append(bytes, retry) {
        let at = 0;
        while (at < bytes.byteLength) {
            try {
                const file = await this.#fileWithRoom();
                const { bytesWritten } = await file.write(bytes, at);
                this.#size += bytesWritten;
                at += bytesWritten;
            }
            catch (error) {
                if (!await retry(error))
                    return;
            }
        }
    }
    async close() {
        await this.#file?.close();
        this.#file = undefined;
    }
    async #fileWithRoom() {
        this.#file ??= await this.#openNewest();
        if (this.#size < this.#options.segmentBytes)
            return this.#file;
        await this.#file.close();
        this.#file = undefined;
        const newest = this.#segments.at(-1);
        this.#file = await this.#begin(newest.offset + this.#size);
        await this.#dropOldest();
        return this.#file;
    }
    /** Goes on where an earlier attempt of the object ended. */
    async #openNewest() {
        this.#segments = segmentsAmong(await readdir(this.#directory), this.#directory, this.#stream);
        const newest = this.#segments.at(-1);
        if (newest === undefined)
            return await this.#begin(0);
        this.#size = (await stat(newest.path)).size;
        return await open(newest.path, 'a');
    }
    async #begin(offset) {
        const path = segmentPath(this.#directory, this.#stream, offset);
        const file = await open(path, 'a', 0o600);
        this.#segments.push({ stream: this.#stream, offset, path });
        this.#size = 0;
        return file;
    }
    async #dropOldest() {
        while (this.#segments.length > this.#options.segmentsMax) {
            const oldest = this.#segments[0];
            await unlink(oldest.path);
            this.#segments.shift();
        }
    }
}
//# sourceMappingURL=segment-writer.js.map
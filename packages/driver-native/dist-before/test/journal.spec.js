import { appendFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Journal } from '../src/shepherd/journal.js';
import { idOf } from './room.js';
function started(n) {
    return { id: idOf(n), attempt: 0, pid: n + 1, startedAtMs: 1, startTicks: 2, bootId: 'b', places: {} };
}
function ended(n) {
    return { id: idOf(n), attempt: 0, end: { exit: { kind: 'exited', code: 0 }, endedAtMs: 2, usage: {} } };
}
describe('The journal of the shepherd', () => {
    let directory;
    let path;
    beforeEach(async () => {
        directory = await mkdtemp(join(tmpdir(), 'welkin-journal-'));
        path = join(directory, 'journal');
    });
    afterEach(async () => await rm(directory, { recursive: true }));
    it('knows the last trace of each object again', () => {
        const journal = new Journal(path);
        for (const trace of [started(1), started(2), ended(1), started(3)])
            journal.put(trace);
        journal.forget(idOf(3));
        expect(new Journal(path).traces()).to.deep.equal([ended(1), started(2)]);
        expect(new Journal(path).get(idOf(3))).to.equal(undefined);
    });
    it('reads on after a line that was cut off', async () => {
        new Journal(path).put(started(1));
        await appendFile(path, '{"id":"00');
        const journal = new Journal(path);
        journal.put(started(2));
        expect(new Journal(path).traces()).to.deep.equal([started(1), started(2)]);
    });
    it('stays small however many tasks come and go', async () => {
        const journal = new Journal(path);
        journal.put(started(0));
        for (let n = 1; n < 20_000; n++) {
            journal.put(started(n));
            journal.put(ended(n));
            journal.forget(idOf(n));
        }
        expect((await stat(path)).size).to.be.below(1.1 * 1024 * 1024);
        expect(new Journal(path).traces()).to.deep.equal([started(0)]);
    });
});
//# sourceMappingURL=journal.spec.js.map
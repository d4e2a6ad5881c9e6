import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { SegmentWriter } from '../src/shepherd/segment-writer.js';
import { idOf, Room, shell, specOf, textOf } from './room.js';
/** Reads all that comes, `bytesMax` at a time, until the task has ended and nothing is left. */
async function readAll(driver, ended, bytesMax) {
    const output = driver.output('0123456789abcdef0123456789abcdef');
    const from = { stdout: 0, stderr: 0 };
    const pieces = [];
    let over = false;
    let changed = () => { };
    const cancel = output.watch(() => changed());
    void ended.then(() => { over = true; changed(); });
    for (;;) {
        const change = new Promise(resolve => { changed = resolve; });
        const wasOver = over;
        const chunks = await output.read(from, bytesMax);
        for (const { bytes, offset, stream } of chunks) {
            expect(offset).to.equal(from[stream]);
            from[stream] += bytes.byteLength;
            pieces.push(bytes);
        }
        if (chunks.length > 0)
            continue;
        if (wasOver)
            break;
        await change;
    }
    cancel();
    return Buffer.concat(pieces);
}
describe('Segments of output', () => {
    let directory;
    beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'welkin-segments-')); });
    afterEach(async () => await rm(directory, { recursive: true }));
    const options = { segmentBytes: 4, segmentsMax: 10 };
    it('are written whole once that is possible', async () => {
        const later = join(directory, 'later');
        const writer = new SegmentWriter(later, 'stdout', options);
        let tries = 0;
        await writer.append(Buffer.from('whole'), async () => {
            if (++tries === 3)
                await mkdir(later);
            return true;
        });
        await writer.append(Buffer.from('more'), async () => false);
        await writer.close();
        expect(tries).to.equal(3);
        expect(await readFile(join(later, 'stdout.0'), 'utf8')).to.equal('whole');
        expect(await readFile(join(later, 'stdout.5'), 'utf8')).to.equal('more');
    });
    it('are given up when nobody wants them to be tried again', async () => {
        const writer = new SegmentWriter(join(directory, 'never'), 'stdout', options);
        const codes = [];
        await writer.append(Buffer.from('lost'), async (error) => {
            codes.push(error.code);
            return false;
        });
        expect(codes).to.deep.equal(['ENOENT']);
    });
});
describe('The output of a native task', () => {
    let room;
    afterEach(async () => await room.close());
    it('is kept byte for byte', async () => {
        room = await Room.open();
        const driver = await room.driver();
        const script = 'process.stdout.write(Buffer.from(Array.from({ length: 100000 }, (_, i) => i * 7 % 256)))';
        const task = await driver.run(specOf([process.execPath, '-e', script]));
        const bytes = await readAll(driver, task.ended, 4096);
        expect(bytes.equals(Buffer.from(Array.from({ length: 100000 }, (_none, i) => i * 7 % 256)))).to.equal(true);
    });
    it('is whole when much is written and read while it is', async () => {
        room = await Room.open({ segmentBytes: 1_000_000, segmentsMax: 100 });
        const driver = await room.driver();
        const task = await driver.run(specOf(shell('seq 1 2000000')));
        const read = createHash('sha256').update(await readAll(driver, task.ended, 300_000)).digest('hex');
        const expected = createHash('sha256');
        for (let n = 1; n <= 2000000; n++)
            expected.update(`${n}\n`);
        expect(read).to.equal(expected.digest('hex'));
    });
    it('loses its oldest part to rotation, and says from where on it is there', async () => {
        room = await Room.open({ segmentBytes: 100_000, segmentsMax: 3 });
        const driver = await room.driver();
        const task = await driver.run(specOf(shell('seq 1 200000; echo end >&2')));
        await task.ended;
        const whole = Array.from({ length: 200000 }, (_none, i) => `${i + 1}\n`).join('');
        const { stdout, stderr } = await driver.output(task.id).size();
        expect({ stdout, stderr }).to.deep.equal({ stdout: whole.length, stderr: 4 });
        const all = await driver.output(task.id).read({ stdout: 0, stderr: 0 }, 1e9);
        const chunks = all.filter(({ stream }) => stream === 'stdout');
        const first = chunks[0]?.offset;
        expect(first).to.be.above(0);
        expect(Buffer.concat(chunks.map(({ bytes }) => bytes)).toString()).to.equal(whole.slice(first));
        const segments = (await readdir(dirname(room.work('')))).filter(name => name.startsWith('stdout.'));
        expect(segments).to.have.lengthOf(3);
    });
    it('goes on in the same segment at the next attempt', async () => {
        room = await Room.open();
        const driver = await room.driver();
        for (const attempt of [0, 1, 2])
            await (await driver.run(specOf(shell('echo again'), { attempt }))).ended;
        expect(await textOf(driver)).to.equal('again\n'.repeat(3));
        const segments = (await readdir(dirname(room.work('')))).filter(name => name.startsWith('stdout.'));
        expect(segments).to.deep.equal(['stdout.0']);
    });
    it('of one stream does not keep the other from being read', async () => {
        room = await Room.open();
        const driver = await room.driver();
        const writesBoth = shell('head -c 100000 /dev/zero; echo complaint >&2');
        await (await driver.run(specOf(writesBoth, { id: idOf(1) }))).ended;
        const chunks = await driver.output(idOf(1)).read({ stdout: 0, stderr: 0 }, 1000);
        const sizes = chunks.map(({ bytes, stream }) => [stream, bytes.byteLength]);
        expect(sizes).to.deep.equal([['stdout', 990], ['stderr', 10]]);
    });
});
//# sourceMappingURL=output.spec.js.map
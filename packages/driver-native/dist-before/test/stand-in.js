/** Stands in for a daemon that will be killed: runs the specs it is given, says how they are called, and waits. */
import { createNativeDriver } from '../src/index.js';
import { SILENT } from '@welkin/interface';
import { clock } from './room.js';
const [directory = '', specs = '[]'] = process.argv.slice(2);
const driver = createNativeDriver({ directory, clock, log: SILENT });
await driver.start();
const tasks = await Promise.all(JSON.parse(specs).map(async (spec) => await driver.run(spec)));
process.stdout.write(`${JSON.stringify(tasks.map(({ pid, startedAtMs }) => ({ pid, startedAtMs })))}\n`);
setInterval(() => { }, 1_000_000);
//# sourceMappingURL=stand-in.js.map
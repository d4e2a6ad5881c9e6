import { abortReason, CloudError } from '@welkin/interface';
import { launch } from './launch.js';
import { signalGroup } from './process-group.js';
import { Pump } from './pump.js';
const OUTPUT_BYTES_MAX = 1024 * 1024;
/**
 * Runs a program to its end, or until `signal` aborts. Rejects as `launch` does, ECANCELED or whatever the signal says,
 * and E2BIG for a program that writes more than 1 MiB; nothing of it is left running.
 */
export async function runFurther(order, pool, signal) {
    const { exit, pid, stdout, stderr } = await launch(order, pool);
    let failure;
    const end = (error) => {
        failure ??= error;
        signalGroup(pid, 'SIGKILL');
    };
    const onAbort = () => end(abortReason(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted)
        onAbort();
    const pieces = { stdout: [], stderr: [] };
    let bytesLeft = OUTPUT_BYTES_MAX;
    const collect = (pipe, stream) => new Pump(pipe, pool, async (bytes) => {
        bytesLeft -= bytes.byteLength;
        if (bytesLeft >= 0)
            pieces[stream].push(bytes);
        else
            end(outputTooLong());
    });
    const pumps = [collect(stdout, 'stdout'), collect(stderr, 'stderr')];
    const { code, signal: endedBy } = await exit;
    signal.removeEventListener('abort', onAbort);
    signalGroup(pid, 'SIGKILL');
    await Promise.all(pumps.map(pump => pump.drain()));
    if (failure !== undefined)
        throw failure;
    return {
        exit: endedBy === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'signaled', signal: endedBy },
        stdout: Buffer.concat(pieces.stdout),
        stderr: Buffer.concat(pieces.stderr)
    };
}
function outputTooLong() {
    const message = `The program wrote more than ${OUTPUT_BYTES_MAX} bytes; have it write to a file, and collect that.`;
    return new CloudError('E2BIG', message, { fields: { bytesMax: OUTPUT_BYTES_MAX } });
}
//# sourceMappingURL=further-program.js.map
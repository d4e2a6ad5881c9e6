import { abortReason, CloudError, type OutputStream, type TaskExit } from '@welkin/interface'
import { isSandboxed } from '../protocol.ts'
import { launch, type LaunchOrder, type LaunchTools } from './launch.ts'
import type { Pipe } from './pipe-pool.ts'
import { signalGroup } from './process-group.ts'
import { Pump } from './pump.ts'
import { killSandbox } from './sandbox-processes.ts'

const OUTPUT_BYTES_MAX = 1024 * 1024

export interface FurtherOutcome { exit: TaskExit, stdout: Buffer, stderr: Buffer }

/**
 * Runs a program to its end, or until `signal` aborts. Rejects as `launch` does, ECANCELED or whatever the signal says,
 * and E2BIG for a program that writes more than 1 MiB; nothing of it is left running.
 */
export async function runFurther (
  order: LaunchOrder, tools: LaunchTools, signal: AbortSignal
): Promise<FurtherOutcome> {
  const { exit, pid, stdout, stderr } = await launch(order, tools)
  let failure: CloudError | undefined
  const end = (error: CloudError): void => {
    failure ??= error
    if (isSandboxed(order.isolation)) killSandbox(pid)
    else signalGroup(pid, 'SIGKILL')
  }
  const onAbort = (): void => end(abortReason(signal))
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  const pieces: Record<OutputStream, Uint8Array[]> = { stdout: [], stderr: [] }
  let bytesLeft = OUTPUT_BYTES_MAX
  const collect = (pipe: Pipe, stream: OutputStream): Pump => new Pump(pipe, tools.pool, async bytes => {
    bytesLeft -= bytes.byteLength
    if (bytesLeft >= 0) pieces[stream].push(bytes)
    else end(outputTooLong())
  })
  const pumps = [collect(stdout, 'stdout'), collect(stderr, 'stderr')]
  const { code, signal: endedBy } = await exit
  signal.removeEventListener('abort', onAbort)
  signalGroup(pid, 'SIGKILL')
  await Promise.all(pumps.map(pump => pump.drain()))
  if (failure !== undefined) throw failure
  return {
    exit: endedBy === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'signaled', signal: endedBy },
    stdout: Buffer.concat(pieces.stdout),
    stderr: Buffer.concat(pieces.stderr)
  }
}

function outputTooLong (): CloudError {
  const message = `The program wrote more than ${OUTPUT_BYTES_MAX} bytes; have it write to a file, and collect that.`
  return new CloudError('E2BIG', message, { fields: { bytesMax: OUTPUT_BYTES_MAX } })
}

import { Mailbox } from '@welkin/async'
import { abortReason, CloudError, isCloudError, type Cancel, type Membership, type OutputPosition, type TaskExit } from '@welkin/interface'
import type { InputOf, ReplyOf } from '@welkin/syscalls'
import type { Calls, StreamContext } from '../../dispatch/index.ts'
import { followOutput } from './follow-output.ts'
import { listObjects } from './list.ts'
import type { Processes } from './processes.ts'
import type { SupervisedObject } from './supervised-object.ts'

export interface ProcessCallPorts { calls: Calls, membership: Membership, processes: Processes }

/** Serves the family `processes`, but for `spawn`, which is placement's. */
export function serveProcesses (ports: ProcessCallPorts): Cancel[] {
  const { calls, processes } = ports
  return [
    calls.serve('host', async ({ cp, spec, objects }) => {
      await processes.host({ cp, spec, objects })
      return { hosted: objects.length }
    }),
    calls.serve('kill', async ({ id, graceMs }, { signal }) => {
      const object = processes.get(id)
      await object.kill(graceMs)
      return { id, exit: await exitOf(object, signal) }
    }),
    calls.serve('signal', async ({ id, signal: name }, { signal }) => {
      const { task } = processes.get(id)
      if (processes.upcalls.handles(id, name)) {
        await processes.upcalls.deliver(id, name, signal)
        return { id, to: 'handler' }
      }
      if (task === undefined) throw new CloudError('ESRCH', `Object ${id} does not run now; "welkin stat ${id}" says why.`, { fields: { object: id } })
      await task.signal(name)
      return { id, to: 'process' }
    }),
    calls.serve('wait', async ({ id }, { signal }) => {
      const object = processes.get(id)
      const exit = await exitOf(object, signal)
      const { endedAtMs, outputs } = object.record
      return { id, exit, outputs, ...endedAtMs === undefined ? {} : { endedAtMs } }
    }),
    calls.serve('stat', async ({ id }) => {
      const object = processes.get(id)
      const usage = await object.task?.usage()
      return { ...object.info(), ...usage === undefined ? {} : { usage } }
    }),
    calls.serve('list', async (args, context) => await listObjects(ports, args, context)),
    calls.serve('logs', ({ id, from, tailBytes, follow }, { signal }) => readLogs(processes, processes.get(id), { from, tailBytes, follow }, signal)),
    calls.serve('attach', ({ id, from, input }, context) => attach(processes, processes.get(id), { from, input }, context)),
    calls.serve('handle', ({ signals }, context) => handle(processes, signals, context)),
    calls.serve('remove', async ({ id }) => {
      await processes.remove(id)
      return { id }
    }),
    calls.serve('locate', async ({ ref }) => ({ matches: processes.matches(ref) }))
  ]
}

/** Resolves when `predicate` holds, which is looked at anew at each change of the object's state. */
async function until (object: SupervisedObject, predicate: () => boolean, signal: AbortSignal): Promise<void> {
  if (predicate()) return
  await new Promise<void>((resolve, reject) => {
    const cancel = object.watch(() => { if (predicate()) settle(resolve) })
    const onAbort = (): void => settle(() => reject(abortReason(signal)))
    const settle = (then: () => void): void => {
      cancel()
      signal.removeEventListener('abort', onAbort)
      then()
    }
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

async function exitOf (object: SupervisedObject, signal: AbortSignal): Promise<TaskExit> {
  await until(object, () => object.hasEnded, signal)
  return object.record.exit as TaskExit
}

interface LogOptions { from: OutputPosition, tailBytes: number | undefined, follow: boolean }

async function * readLogs (processes: Processes, object: SupervisedObject, { from, tailBytes, follow }: LogOptions, signal: AbortSignal) {
  const output = processes.driverOf(object).output(object.record.id)
  const start = { ...from }
  if (tailBytes !== undefined) {
    const size = await output.size()
    start.stdout = Math.max(start.stdout, size.stdout - tailBytes)
    start.stderr = Math.max(start.stderr, size.stderr - tailBytes)
  }
  yield * followOutput(output, { from: start, follow, signal, hasEnded: () => object.hasEnded, onChange: listener => object.watch(listener) })
}

interface AttachOptions { from: OutputPosition | undefined, input: boolean }

async function * attach (
  processes: Processes, object: SupervisedObject, { from, input }: AttachOptions, context: StreamContext<{ bytes: Uint8Array }>
): AsyncGenerator<ReplyOf<'attach'>> {
  if (input && !object.record.spec.program.input) {
    throw new CloudError('EPIPE', 'This object was started without standard input; run it with --input.', { fields: { object: object.record.id } })
  }
  const output = processes.driverOf(object).output(object.record.id)
  let inputFailure: unknown
  if (input) void feedInput(object, context).catch((error: unknown) => { inputFailure = error })
  const chunks = readLogs(processes, object, { from: from ?? await output.size(), tailBytes: undefined, follow: true }, context.signal)
  for await (const chunk of chunks) yield { kind: 'output', ...chunk }
  if (inputFailure !== undefined && !isCloudError(inputFailure)) throw inputFailure
  if (object.hasEnded) yield { kind: 'exit', exit: object.record.exit as TaskExit }
}

/** Standard input goes to the task as soon as it runs; a task that reads no more, or has ended, drops the rest. */
async function feedInput (object: SupervisedObject, { input, signal }: StreamContext<{ bytes: Uint8Array }>): Promise<void> {
  await until(object, () => object.task !== undefined || object.hasEnded, signal)
  for await (const { bytes } of input) await object.task?.write(bytes)
  await object.task?.endInput()
}

async function * handle (
  processes: Processes, signals: readonly string[], { caller, input, signal }: StreamContext<InputOf<'handle'>>
): AsyncGenerator<{ number: number, signal: string }> {
  if (caller.kind !== 'object') throw new CloudError('EPERM', 'Only an object can handle signals, and only its own; make the call from within it.')
  const upcalls = new Mailbox<{ number: number, signal: string }>()
  const cancel = processes.upcalls.register(caller.id, signals, upcall => { upcalls.put(upcall) })
  const end = (): void => upcalls.end()
  signal.addEventListener('abort', end, { once: true })
  void readAnswers(processes, caller.id, input).catch(end).then(end)
  try {
    yield * upcalls
  } finally {
    signal.removeEventListener('abort', end)
    cancel()
  }
}

async function readAnswers (processes: Processes, object: string, input: AsyncIterable<InputOf<'handle'>>): Promise<void> {
  for await (const { number, error } of input) processes.upcalls.answer(object, number, error)
}

import { Mailbox } from '@welkin/async'
import {
  CloudError, isCloudError, onAbort, throwIfAborted, type Cancel, type Membership, type OutputChunk,
  type OutputPosition, type TaskExit
} from '@welkin/interface'
import type { InputOf, ReplyOf } from '@welkin/syscalls'
import type { Access, Calls, StreamContext } from '../../dispatch/index.ts'
import { followOutput } from './follow-output.ts'
import { listObjects } from './list.ts'
import type { Processes } from './processes.ts'
import type { SupervisedObject } from './supervised-object.ts'

export interface ProcessCallPorts { access: Access, calls: Calls, membership: Membership, processes: Processes }

/** Serves the family `processes`, but for `spawn`, which is placement's. */
export function serveProcesses (ports: ProcessCallPorts): Cancel[] {
  const { access, calls, processes } = ports
  return [
    calls.serve('host', async ({ cp, spec, objects, reservation, chain = [] }, { caller }) => {
      await processes.host({ cp, spec, objects, reservation, rights: access.ownerOf(caller, chain) })
      return { hosted: objects.length }
    }),
    calls.serve('reserve', async request => {
      const { reservation, granted, why } = processes.reserve(request)
      return { granted, ...reservation === undefined ? {} : { reservation }, ...why === undefined ? {} : { why } }
    }),
    calls.serve('release', async ({ reservation }) => {
      processes.release(reservation)
      return {}
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
      if (task === undefined) {
        const message = `Object ${id} does not run now; "welkin stat ${id}" says why.`
        throw new CloudError('ESRCH', message, { fields: { object: id } })
      }
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
    calls.serve('logs', ({ id, ...options }, { signal }) => readLogs(processes, processes.get(id), options, signal)),
    calls.serve('attach', ({ id, ...options }, context) => attach(processes, processes.get(id), options, context)),
    calls.serve('handle', ({ signals }, context) => handle(processes, signals, context)),
    calls.serve('expose', async ({ id, ...change }) => ({ id, ports: await processes.expose(id, change) })),
    calls.serve('remove', async ({ id }) => {
      await processes.remove(id)
      return { id }
    }),
    calls.serve('locate', async ({ ref }) => ({ matches: processes.matches(ref) }))
  ]
}

/** Resolves when `predicate` holds, which is looked at anew at each change of the object's state. */
async function until (object: SupervisedObject, predicate: () => boolean, signal: AbortSignal): Promise<void> {
  throwIfAborted(signal)
  if (predicate()) return
  const cancels: Cancel[] = []
  try {
    await new Promise<void>((resolve, reject) => {
      cancels.push(object.watch(() => { if (predicate()) resolve() }), onAbort(signal, reject))
    })
  } finally {
    for (const cancel of cancels) cancel()
  }
}

async function exitOf (object: SupervisedObject, signal: AbortSignal): Promise<TaskExit> {
  await until(object, () => object.hasEnded, signal)
  return object.record.exit as TaskExit
}

interface LogOptions { from: OutputPosition, tailBytes?: number | undefined, follow: boolean }

async function * readLogs (
  processes: Processes, object: SupervisedObject, { from, tailBytes, follow }: LogOptions, signal: AbortSignal
): AsyncGenerator<OutputChunk> {
  const output = processes.driverOf(object).output(object.record.id)
  const start = { ...from }
  if (tailBytes !== undefined) {
    const size = await output.size()
    start.stdout = Math.max(start.stdout, size.stdout - tailBytes)
    start.stderr = Math.max(start.stderr, size.stderr - tailBytes)
  }
  yield * followOutput(output, {
    from: start, follow, signal, hasEnded: () => object.hasEnded, onChange: listener => object.watch(listener)
  })
}

interface AttachOptions { from?: OutputPosition | undefined, input: boolean }

async function * attach (
  processes: Processes, object: SupervisedObject, { from, input }: AttachOptions,
  context: StreamContext<{ bytes: Uint8Array }>
): AsyncGenerator<ReplyOf<'attach'>> {
  if (input && !object.record.spec.program.input) {
    const fields = { object: object.record.id }
    throw new CloudError('EPIPE', 'This object was started without standard input; run it with --input.', { fields })
  }
  const output = processes.driverOf(object).output(object.record.id)
  const broken = new AbortController()
  const ignoreAbort = onAbort(context.signal, reason => { broken.abort(reason) })
  if (input) void feedInput(object, context).catch((error: unknown) => { broken.abort(error) })
  const options = { from: from ?? await output.size(), follow: true }
  try {
    for await (const chunk of readLogs(processes, object, options, broken.signal)) yield { kind: 'output', ...chunk }
    throwIfAborted(broken.signal)
  } finally {
    ignoreAbort()
  }
  if (object.hasEnded) yield { kind: 'exit', exit: object.record.exit as TaskExit }
}

/** Standard input goes to the task as soon as it runs; a task that reads no more, or has ended, drops the rest. */
async function feedInput (
  object: SupervisedObject, { input, signal }: StreamContext<{ bytes: Uint8Array }>
): Promise<void> {
  try {
    await until(object, () => object.task !== undefined || object.hasEnded, signal)
    for await (const { bytes } of input) await object.task?.write(bytes)
    await object.task?.endInput()
  } catch (error) {
    if (!isCloudError(error, 'EPIPE', 'ESRCH', 'ECANCELED')) throw error
  }
}

async function * handle (
  processes: Processes, signals: readonly string[], { caller, input, signal }: StreamContext<InputOf<'handle'>>
): AsyncGenerator<{ number: number, signal: string }> {
  throwIfAborted(signal)
  if (caller.kind !== 'object') {
    throw new CloudError('EPERM', 'Only an object can handle signals, and only its own; make the call from within it.')
  }
  const upcalls = new Mailbox<{ number: number, signal: string }>()
  const end = (): void => upcalls.end()
  const send = (upcall: { number: number, signal: string }): void => upcalls.put(upcall)
  const cancels = [processes.upcalls.register(caller.id, signals, { send, end }), onAbort(signal, end)]
  void readAnswers(processes, caller.id, input).catch(end).then(end)
  try {
    yield * upcalls
  } finally {
    for (const cancel of cancels) cancel()
  }
}

async function readAnswers (
  processes: Processes, object: string, input: AsyncIterable<InputOf<'handle'>>
): Promise<void> {
  for await (const { number, error } of input) processes.upcalls.answer(object, number, error)
}

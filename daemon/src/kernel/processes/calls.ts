import { Mailbox } from '@welkin/async'
import { CloudError, onAbort, throwIfAborted, type Cancel, type Logger, type Membership } from '@welkin/interface'
import type { InputOf, ReplyOf } from '@welkin/syscalls'
import type { Access, Calls, StreamContext } from '../../dispatch/index.ts'
import { listObjects } from './list.ts'
import { attach, logs } from './output-calls.ts'
import type { Processes } from './processes.ts'
import { exitOf } from './until.ts'

export interface ProcessCallPorts {
  access: Access
  calls: Calls
  log: Logger
  membership: Membership
  processes: Processes
}

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
      await object.whenHere({ signal })
      await object.kill(graceMs)
      return { id, exit: await exitOf(object, signal) }
    }),
    calls.serve('signal', async ({ id, signal: name }, { signal }) => {
      const object = processes.get(id)
      await object.whenHere({ signal })
      const { task } = object
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
    calls.serve('logs', ({ id, ...options }, context) => logs(ports, processes.get(id), options, context)),
    calls.serve('attach', ({ id, ...options }, context) => attach(ports, processes.get(id), options, context)),
    calls.serve('handle', ({ signals }, context) => handle(processes, signals, context)),
    calls.serve('expose', async ({ id, ...change }) => ({ id, ports: await processes.expose(id, change) })),
    calls.serve('remove', async ({ id }) => {
      await processes.remove(id)
      return { id }
    }),
    calls.serve('locate', async ({ ref }) => ({ matches: processes.matches(ref) }))
  ]
}

async function * handle (
  processes: Processes, signals: readonly string[], { caller, input, signal }: StreamContext<InputOf<'handle'>>
): AsyncGenerator<ReplyOf<'handle'>> {
  throwIfAborted(signal)
  if (caller.kind !== 'object') {
    throw new CloudError('EPERM', 'Only an object can handle signals, and only its own; make the call from within it.')
  }
  const upcalls = new Mailbox<ReplyOf<'handle'>>()
  const end = (): void => upcalls.end()
  const send = (upcall: ReplyOf<'handle'>): void => upcalls.put(upcall)
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
  for await (const { number, ...answer } of input) processes.upcalls.answer(object, number, answer)
}

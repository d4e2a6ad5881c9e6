import { Mailbox } from '@welkin/async'
import {
  CloudError, isCloudError, onAbort, throwIfAborted, type Cancel, type NodeId, type ObjectId, type OutputChunk,
  type OutputPosition, type TaskExit
} from '@welkin/interface'
import type { ReplyOf } from '@welkin/syscalls'
import type { CallContext, Calls, StreamContext } from '../../dispatch/index.ts'
import { followOutput } from './follow-output.ts'
import type { Processes } from './processes.ts'
import { hasMoved } from './presence.ts'
import type { SupervisedObject } from './supervised-object.ts'
import { until } from './until.ts'

interface OutputCallPorts { calls: Calls, processes: Processes }
interface LogOptions { from: OutputPosition, tailBytes?: number | undefined, follow: boolean }
interface Input { bytes: Uint8Array }

/** What an object has written, and what it writes. Rejects ESTALE where it moves meanwhile, with how far that was. */
export async function * logs (
  { processes }: OutputCallPorts, object: SupervisedObject, { from, tailBytes, follow }: LogOptions,
  { signal }: CallContext
): AsyncGenerator<OutputChunk> {
  const start = { ...from }
  if (tailBytes !== undefined) {
    const size = await processes.outputOf(object).size()
    start.stdout = Math.max(start.stdout, size.stdout - tailBytes)
    start.stderr = Math.max(start.stderr, size.stderr - tailBytes)
  }
  const position = yield * ownOutput(processes, object, { from: start, follow }, signal)
  if (object.movedTo !== undefined && !signal.aborted) throw hasMoved(object.record.id, object.movedTo, position)
}

interface AttachOptions { from?: OutputPosition | undefined, input: boolean }

/**
 * The same with what goes in, and how it ends. With input, what comes from where it moves to is passed on, where this
 * node may ask for that in the caller's name, as who was asked by him may; else rejects ESTALE.
 */
export async function * attach (
  { calls, processes }: OutputCallPorts, object: SupervisedObject, { from, input }: AttachOptions,
  context: StreamContext<Input>
): AsyncGenerator<ReplyOf<'attach'>> {
  const { caller } = context
  if (input && !object.record.spec.program.input) {
    const fields = { object: object.record.id }
    throw new CloudError('EPIPE', 'This object was started without standard input; run it with --input.', { fields })
  }
  const broken = new AbortController()
  const ignoreAbort = onAbort(context.signal, reason => { broken.abort(reason) })
  const { signal } = broken
  const afar = new Mailbox<Input>()
  if (input) void feedInput(object, afar, context).catch((error: unknown) => { broken.abort(error) })
  const options = { from: from ?? await processes.outputOf(object).size(), follow: true }
  try {
    const own = ownOutput(processes, object, options, signal)
    for (;;) {
      const { done, value } = await own.next()
      if (!done) {
        yield { kind: 'output', ...value }
        continue
      }
      throwIfAborted(signal)
      const { movedTo, record: { id } } = object
      if (movedTo === undefined) break
      if (!input) throw hasMoved(object.record.id, movedTo, value)
      try {
        yield * calls.at(movedTo, caller).attach({ id, from: value, input }, { signal, input: afar })
      } catch (error) {
        throw isCloudError(error, 'EACCES') ? cannotPassOn(id, movedTo, error) : error
      }
      return
    }
  } finally {
    ignoreAbort()
  }
  if (object.hasEnded) yield { kind: 'exit', exit: object.record.exit as TaskExit }
}

/** What the caller gives was handed to this node alone, and output and input must not come apart. */
function cannotPassOn (id: ObjectId, node: NodeId, cause: CloudError): CloudError {
  const message = `Object ${id} has moved to node ${node}, where its input cannot follow by way of the node that it ` +
    'left; attach again. What was given since it moved has not reached it.'
  return new CloudError('ESTALE', message, { fields: { id, node }, cause })
}

/** What is written here, until it has ended or moved; returns how far that was. */
async function * ownOutput (
  processes: Processes, object: SupervisedObject, { from, follow }: Pick<LogOptions, 'from' | 'follow'>,
  signal: AbortSignal
): AsyncGenerator<OutputChunk, OutputPosition> {
  const position = { ...from }
  const isOver = (): boolean => object.hasEnded || object.movedTo !== undefined
  const chunks = followOutput(processes.outputOf(object), {
    from, follow, signal, hasEnded: isOver, onChange: (listener): Cancel => object.watch(listener)
  })
  for await (const chunk of chunks) {
    // Of what is lost to this reader since it moved, the other node knows.
    if (object.movedTo !== undefined && chunk.offset > position[chunk.stream]) break
    position[chunk.stream] = chunk.offset + chunk.bytes.byteLength
    yield chunk
  }
  return position
}

/**
 * Standard input goes to the task as soon as it runs; a task that reads no more, or has ended, drops the rest. What
 * comes while it moves waits for it, and goes to where it is then.
 */
async function feedInput (
  object: SupervisedObject, afar: Mailbox<Input>, { input, signal }: StreamContext<Input>
): Promise<void> {
  try {
    await untilRuns(object, signal)
    for await (const item of input) {
      await untilRuns(object, signal)
      if (object.movedTo === undefined) await object.task?.write(item.bytes)
      else afar.put(item)
    }
    await untilRuns(object, signal)
    if (object.movedTo === undefined) await object.task?.endInput()
    else afar.end()
  } catch (error) {
    if (!isCloudError(error, 'EPIPE', 'ESRCH', 'ECANCELED')) throw error
  }
}

/** Or is elsewhere. */
async function untilRuns (object: SupervisedObject, signal: AbortSignal): Promise<void> {
  try {
    await object.whenHere({ signal })
    await until(object, () => object.task !== undefined || object.hasEnded, signal)
  } catch (error) {
    if (!isCloudError(error, 'ESTALE')) throw error
  }
}
